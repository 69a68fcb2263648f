import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostInRun, runsOf } from './runs.ts';

test('runs hold at most 256 indices, keep equal ones together, and never reach too far', () => {
  assert.deepEqual([...runsOf([])], []);
  assert.deepEqual([...runsOf([7])], [[0, 1]]);
  const many = Array.from({ length: 600 }, (_, i) => i);
  assert.deepEqual(
    [...runsOf(many)],
    [
      [0, mostInRun],
      [mostInRun, 2 * mostInRun],
      [2 * mostInRun, 600],
    ],
  );
  const parts = [...many.slice(0, 255), 300, 300, 300, 301];
  assert.deepEqual(
    [...runsOf(parts)],
    [
      [0, 258],
      [258, 259],
    ],
  );
  assert.deepEqual(
    [...runsOf([0, 32_767, 32_768])],
    [
      [0, 2],
      [2, 3],
    ],
  );
});

test('what lies below the batch is written one by one', () => {
  assert.deepEqual(
    [...runsOf([3, 3, 5, 10, 11], 10)],
    [
      [0, 2],
      [2, 3],
      [3, 5],
    ],
  );
});
