import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../load/skew.ts';
import { arrivals } from './arrivals.ts';

test('arrivals are fixed by the seed, ascending, within the time, and as many as the rate says', () => {
  const times = arrivals(1_000, 20, seeded(7));
  assert.deepEqual(times, arrivals(1_000, 20, seeded(7)));
  assert.ok(Math.abs(times.length - 20_000) < 600, `${times.length}`);
  assert.ok(times.every((at, i) => at >= 0 && at < 20_000 && at >= (times[i - 1] ?? 0)));
});

test('arrivals come in bursts and lulls: gaps are as uneven as those of independent buyers', () => {
  const times = arrivals(1_000, 20, seeded(7));
  const gaps = [...times].slice(1).map((at, i) => at - (times[i] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  assert.ok(Math.abs(deviation / mean - 1) < 0.05, `${deviation / mean}`);
});
