import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandedBatches } from './handed-batches.ts';

function batch(first: number, next: number, bytes = 10) {
  return { first, next, acceptedAt: new Date(0), entries: Buffer.alloc(bytes) };
}
const firsts = (batches: readonly { first: number }[]) => batches.map(({ first }) => first);

test('what was handed over is taken once, in order, as far as the database knows of it', () => {
  const handed = new HandedBatches();
  for (const one of [batch(0, 5), batch(5, 9), batch(9, 12)]) handed.add(one);
  assert.deepEqual(firsts(handed.take(3, 9, 1000)), [0, 5]);
  assert.deepEqual(handed.take(9, 9, 1000), []);
  assert.deepEqual(firsts(handed.take(9, 12, 1000)), [9]);
  assert.deepEqual(handed.take(12, 20, 1000), []);
});

test('a take is bounded by bytes but never empty for that', () => {
  const handed = new HandedBatches();
  for (const one of [batch(0, 5, 600), batch(5, 9, 600), batch(9, 12, 100)]) handed.add(one);
  assert.deepEqual(firsts(handed.take(0, 12, 500)), [0]);
  assert.deepEqual(firsts(handed.take(5, 12, 700)), [5, 9]);
});

test('behind a gap nothing is taken from here', () => {
  const handed = new HandedBatches();
  handed.add(batch(0, 5));
  handed.add(batch(7, 9));
  assert.deepEqual(handed.take(0, 9, 1000), []);
  assert.deepEqual(firsts(handed.take(7, 9, 1000)), [7]);
  handed.add(batch(9, 10, 65 * 1024 * 1024));
  assert.deepEqual(handed.take(5, 10, 1000), []);
});
