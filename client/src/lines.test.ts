import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from './contract/index.ts';
import { chunksOf, linesOf } from './lines.ts';

test('rows are cut into requests by number and by bytes', async () => {
  const sizes: number[] = [];
  const rows = [...Array.from({ length: 25 }, () => 'x'), ...Array.from({ length: 3 }, () => '流'.repeat(1_000_000))];
  for await (const chunk of chunksOf(rows, 10)) {
    sizes.push(chunk.rows.length);
    assert.ok(Buffer.byteLength(chunk.body) <= limits.bodyBytes);
    assert.deepEqual(
      chunk.body.split('\n').map((line) => JSON.parse(line)),
      chunk.rows,
    );
  }
  assert.deepEqual(sizes, [10, 10, 7, 1]);
});

test('lines are read across the pieces in which they arrive', async () => {
  const bytes = new TextEncoder().encode('{"a":"流"}\r\n\n{"b":2}\n{"c":3}');
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += 4) controller.enqueue(bytes.slice(i, i + 4));
      controller.close();
    },
  });
  const lines: string[] = [];
  for await (const line of linesOf(stream)) lines.push(line);
  assert.deepEqual(lines, ['{"a":"流"}', '{"b":2}', '{"c":3}']);
});
