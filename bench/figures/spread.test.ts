import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyOf, percentile, slopeOf, spreadOf } from './spread.ts';

test('a spread is the least, the middle and the greatest of the runs, which stay in their order', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3, runs: [3, 1, 2] });
  assert.deepEqual(spreadOf([7]), { min: 7, median: 7, max: 7, runs: [7] });
  assert.equal(spreadOf([4, 1, 2, 3]).median, 2.5);
  assert.throws(() => spreadOf([]), RangeError);
});

test('a percentile is a number that was measured, never one between two', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(percentile(hundred, 0.5), 51);
  assert.equal(percentile(hundred, 0.99), 100);
  assert.equal(percentile([5], 0.99), 5);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('latencies are sorted as numbers', () => {
  assert.deepEqual(latencyOf([100, 9, 20]), { p50Ms: 20, p99Ms: 100, maxMs: 100 });
  assert.deepEqual(latencyOf(Float64Array.of(100, 9, 20)), { p50Ms: 20, p99Ms: 100, maxMs: 100 });
});

test('a slope is that of the line nearest to the points', () => {
  const line = [0, 1, 2, 3].map((x) => [x, 5 + 2 * x] as const);
  assert.equal(slopeOf(line), 2);
  const flat = [0, 1, 2, 3].map((x) => [x, x % 2] as const);
  assert.ok(Math.abs(slopeOf(flat)) <= 0.2);
  assert.equal(slopeOf([[1, 1]]), 0);
});
