/** Our log, fed the entries of another implementation's small log and its published key, writes that log's files byte for byte. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBundle } from '@rivulet/verifier';
import { parseKeyText } from '#books/log';
import { newLogBook } from '../support/log-book.ts';
import { freshDatabase } from '../support/postgres.ts';
import { shared, skipWithout } from '../support/shared.ts';

const vectors = 'vectors/tlog/tessera/testdata/log';
const origin = 'example.com/log/testdata';
const published = 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg';

// Two databases: an origin belongs to one book.
const [first, second] = [await freshDatabase(), await freshDatabase()];

function vector(path: string): Buffer {
  return readFileSync(join(shared(vectors) as string, path));
}

test('every checkpoint, tile and bundle from size 0 to 15 is the same as theirs', {
  skip: skipWithout(vectors),
}, async () => {
  const log = await newLogBook(first, { origin, keys: { log: parseKeyText(published), witness: null } });
  const integrator = log.integrator();
  const entries = openBundle(vector('tile/entries/000.p/15')).map((entry) => Buffer.from(entry).toString());
  for (let size = 0; size <= 15; size++) {
    if (size > 0) await log.commit([entries[size - 1] as string]);
    assert.equal((await integrator.pass())?.size, size);
    assert.deepEqual(readFileSync(join(log.folder, 'checkpoint')), vector(`checkpoint.${size}`));
  }
  for (const kind of ['0', 'entries']) {
    const names = readdirSync(join(shared(vectors) as string, 'tile', kind, '000.p'));
    assert.deepEqual(readdirSync(join(log.folder, 'tile', kind, '000.p')).sort(), names.sort());
    for (const width of names) {
      const path = `tile/${kind}/000.p/${width}`;
      assert.deepEqual(readFileSync(join(log.folder, path)), vector(path), path);
    }
  }
});

test('the same log in one pass has the same root and signature', { skip: skipWithout(vectors) }, async () => {
  const log = await newLogBook(second, { origin, keys: { log: parseKeyText(published), witness: null } });
  await log.commit(openBundle(vector('tile/entries/000.p/15')).map((entry) => Buffer.from(entry).toString()));
  await log.integrator().pass();
  assert.deepEqual(readFileSync(join(log.folder, 'checkpoint')), vector('checkpoint.15'));
});
