import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Measured, modelOf } from './model.ts';

const measured: Measured = {
  giftsPerSecond: 100_000,
  heap: 60,
  indexes: 40,
  privateRows: 50,
  log: 150,
  wal: 350,
  bytesIn: 300,
  bytesOut: 200,
  mainThread: 8,
  auditPerSecond: 250_000,
};

test('the arithmetic of the peak, the year and the money', () => {
  const model = modelOf(measured);
  assert.equal(model.books, Math.ceil(583_000 / 70_000));
  assert.equal(model.machines, 2 * model.books);
  assert.equal(Math.round(model.meanPerSecond), 317);
  assert.equal(model.bytesAGift, 300);
  assert.equal(model.terabytesAYear, 3);
  assert.equal(model.dollarsAYear, 18 * 1_200 + 2 * 3_000);
  assert.equal(model.dollarsAMillionGifts, (18 * 1_200 + 6_000) / 10_000);
  assert.equal(model.auditHours?.toFixed(1), '11.1');
});

test('what breaks first is told first, and what only time uses up is told last', () => {
  const { limits } = modelOf(measured);
  const speeds = limits.flatMap(({ giftsPerSecond }) => (giftsPerSecond === null ? [] : [giftsPerSecond]));
  assert.deepEqual(
    speeds,
    speeds.toSorted((a, b) => a - b),
  );
  assert.equal(limits[0]?.part, 'both cores, as measured');
  assert.equal(limits.find(({ part }) => part.includes('main thread'))?.giftsPerSecond, 125_000);
  assert.equal(limits.at(-1)?.gifts, (16 * 2 ** 30) / 40);
});
