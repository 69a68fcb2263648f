import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

test('without a name all parts run but the soak; growth goes all the way when it is asked for', () => {
  const all = readOptions([]);
  assert.deepEqual(all.parts, ['ingest', 'single', 'sparse', 'overload', 'audit', 'stream', 'growth']);
  assert.deepEqual([all.options.runs, all.options.market, all.report], [3, 'small', false]);
  assert.deepEqual(all.options.rowsAt, [1_200_000, 3_000_000]);
  assert.deepEqual(readOptions(['growth']).options.rowsAt, [1_000_000, 10_000_000, 50_000_000]);
  assert.deepEqual(readOptions(['growth', '--rows-at', '0.1,0.2']).options.rowsAt, [100_000, 200_000]);
});

test('the long form runs everything in full size', () => {
  const { parts, options } = readOptions(['--long']);
  assert.equal(parts.at(-1), 'soak');
  assert.deepEqual([options.market, options.rowsAt.at(-1)], ['full', 50_000_000]);
});

test('parts run in their own order, and the report alone runs none', () => {
  assert.deepEqual(readOptions(['single', 'ingest']).parts, ['ingest', 'single']);
  assert.deepEqual(readOptions(['report']).parts, []);
});

test('what cannot be is named', () => {
  assert.throws(() => readOptions(['speed']), /no part speed/);
  assert.throws(() => readOptions(['--rows', '10001']), /--rows is 1 to 10000/);
  assert.throws(() => readOptions(['--rows-at', '10,1']), /--rows-at/);
  assert.throws(() => readOptions(['--market', 'huge']), /--market/);
});
