import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOrderEvent, readOrderEvent, timeMs } from '@rivulet/client/contract';
import fc from 'fast-check';
import { completed } from '../test/send-orders.ts';
import { amounts, texts } from './order-line.ts';
import { PlainLine, PlainLines } from './plain-lines.ts';
import { TimeReader } from './time-reader.ts';

const line = completed();

/** The line as the contract's reader would give it. */
function eventOf(plain: PlainLine): Record<string, unknown> {
  const event: Record<string, unknown> = { type: 'order.completed' };
  for (const member of texts) if (member !== 'buyer' || plain.hasBuyer) event[member] = plain.text(member);
  for (const member of amounts) event[member] = plain.amount(member);
  return event;
}

/** What the reader makes of a body of lines, each read and, where it was not known, parsed and learnt as the server does. */
function readAll(body: string): unknown[] {
  const bytes = Buffer.from(body);
  const lines = new PlainLines(bytes);
  const rows: unknown[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    const row = lines.read(start, end);
    rows.push(row);
    if (row === undefined) {
      try {
        lines.learn(JSON.parse(bytes.toString('utf8', start, end)));
      } catch {
        // Not JSON: the server refuses the body.
      }
    }
    start = end + 1;
  }
  return rows;
}

test('a shape is learnt from one line, and the next is read as the contract reads it', () => {
  const other = { ...line, order: 'A1002', paid: 12, placedAt: '2026-11-11T00:00:00.001Z' };
  const [, second, crlf] = readAll(`${JSON.stringify(line)}\n${JSON.stringify(other)}\n${JSON.stringify(line)}\r\n`);
  assert.ok(second instanceof PlainLine && crlf instanceof PlainLine);
  assert.deepEqual(eventOf(second), readOrderEvent(other));
  assert.deepEqual(eventOf(crlf), readOrderEvent(line));
  assert.equal(second.placedMs, Date.parse(other.placedAt));
  assert.equal(second.completedMs, Date.parse(String(line.completedAt)));
});

test('shapes may alternate: members left out, and in another order', () => {
  const { buyer: _, ...nobody } = line;
  const turned = Object.fromEntries(Object.entries(line).toReversed());
  const kinds = [line, nobody, turned];
  const rows = readAll([...kinds, ...kinds].map((row) => JSON.stringify(row)).join('\n'));
  kinds.forEach((kind, i) => {
    const row = rows[i + 3];
    assert.ok(row instanceof PlainLine);
    assert.deepEqual(eventOf(row), readOrderEvent(kind));
  });
});

/** Text that is at or near what ids, amounts and times may be. */
const value = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom(
    '',
    ' ',
    'é',
    '商家',
    'a"b',
    'a\\b',
    'x'.repeat(128),
    'x'.repeat(129),
    '\u0007',
    'CNY',
    'cny',
    'shop 1',
  ),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, 1, 1e6, 1e6 + 1, 1e11, 1e11 + 1, 1e21, null, true, [], {}),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2024-02-29T23:59:59.999Z',
    '2026-11-10T24:00:00Z',
    '2026-11-10T23:59:58+08:00',
    '2026-11-10T23:59:58.1Z',
    '2026-11-10T23:59:58.1234567Z',
    '1999-12-31T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-10t00:00:00Z',
  ),
);

test('whatever a line holds, it is read as the contract reads it or left to the contract', () => {
  readAll(JSON.stringify(line));
  let plain = 0;
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(line), 'pledge', '__proto__', 'extra'), value, { maxKeys: 3 }),
      fc.constantFrom('', ' ', '\r', ',', '}'),
      (changes, tail) => {
        const text = JSON.stringify({ ...line, ...changes }) + tail;
        const row = new PlainLines(Buffer.from(text)).read(0, Buffer.byteLength(text));
        if (row === undefined) return;
        plain += 1;
        const event = readOrderEvent(JSON.parse(text));
        assert.ok(isOrderEvent(event), text);
        assert.deepEqual(eventOf(row), event);
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(plain > 100, `${plain} lines were plain`);
});

test('numbers that JSON does not allow are not read', () => {
  const text = JSON.stringify(line);
  readAll(text);
  for (const paid of ['01990', '+1990', '1990.0', '199e1', ' 1990', '19 90', '', '-1', '9999999999999999']) {
    const changed = text.replace('"paid":1990', `"paid":${paid}`);
    assert.equal(new PlainLines(Buffer.from(changed)).read(0, changed.length), undefined, paid);
  }
});

test('a time is what the contract says it is', () => {
  const times = new TimeReader();
  const part = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
  const time = fc
    .tuple(fc.integer({ min: 1990, max: 2110 }), part(13), part(32), part(25), part(61), part(61))
    .chain(([year, month, day, hour, minute, second]) =>
      fc
        .constantFrom('Z', '.000Z', '.123Z', '.9Z', '.12 Z', '+08:00', 'z', '', '.1234Z', ',123Z')
        .map((end) => `${year}-${month}-${day}T${hour}:${minute}:${second}${end}`),
    );
  fc.assert(
    fc.property(time, (text) => {
      const bytes = Buffer.from(`x${text}x`);
      assert.equal(times.read(bytes, 1, 1 + text.length), timeMs(text), text);
    }),
    { numRuns: 5_000 },
  );
});
