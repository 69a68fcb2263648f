import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apportion } from './apportion.ts';

const weights = fc
  .array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 1, maxLength: 12 })
  .filter((w) => w.some((x) => x > 0n));

/** The definition, unit by unit. */
function byTurns(total: bigint, weights: readonly bigint[]): bigint[] {
  const parts = weights.map(() => 0n);
  for (let unit = 0n; unit < total; unit++) {
    let best = 0;
    for (const [i, weight] of weights.entries()) {
      const challenger = weight * (2n * (parts[best] ?? 0n) + 1n);
      const holder = (weights[best] ?? 0n) * (2n * (parts[i] ?? 0n) + 1n);
      if (challenger > holder) best = i;
    }
    parts[best] = (parts[best] ?? 0n) + 1n;
  }
  return parts;
}

test('the closed form hands out the same units as taking turns one by one', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 300n }), weights, (total, weights) => {
      assert.deepEqual(apportion(total, weights), byTurns(total, weights));
    }),
    { numRuns: 1000 },
  );
});

test('equal weights and ties go to the earlier', () => {
  assert.deepEqual(apportion(1n, [1n, 1n, 1n]), [1n, 0n, 0n]);
  assert.deepEqual(apportion(5n, [1n, 1n, 1n]), [2n, 2n, 1n]);
  assert.deepEqual(apportion(2n, [3n, 1n]), [2n, 0n], 'third and first turn tie: 3/3 = 1/1');
});

test('no part shrinks when the total grows, and parts always sum to the total', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 60n }),
      fc.bigInt({ min: 0n, max: 2n ** 60n }),
      weights,
      (a, b, weights) => {
        const before = apportion(a, weights);
        const after = apportion(a + b, weights);
        assert.equal(
          after.reduce((x, y) => x + y, 0n),
          a + b,
        );
        for (const [i, part] of after.entries()) assert.ok(part >= (before[i] ?? 0n));
      },
    ),
  );
});

test('a total of exactly the weights gives exactly the weights', () => {
  fc.assert(
    fc.property(weights, (weights) =>
      assert.deepEqual(
        apportion(
          weights.reduce((a, b) => a + b, 0n),
          weights,
        ),
        weights,
      ),
    ),
  );
});

test('a hundred thousand gifts of 2 fen over 50/30/20 land within one fen of 50/30/20', () => {
  assert.deepEqual(apportion(200_000n, [50n, 30n, 20n]), [100_000n, 60_000n, 40_000n]);
});

test('there must be something to apportion by', () => {
  assert.throws(() => apportion(1n, []), RangeError);
  assert.throws(() => apportion(1n, [0n]), RangeError);
  assert.throws(() => apportion(-1n, [1n]), RangeError);
  assert.throws(() => apportion(1n, [2n, -1n]), RangeError);
});
