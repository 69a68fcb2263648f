import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { giftAmount, keptAfterReturns, price, returnedPrice, splitGift, takeBack } from './amount.ts';
import { RunningSplit } from './running-split.ts';

const line = { paid: 1990, shipping: 300, tax: 110, discount: 50, platformDiscount: 25 };

test('the price counts what the base has and never falls below zero', () => {
  assert.equal(price(line, ['shipping', 'tax']), 1990n);
  assert.equal(price(line, []), 1580n);
  assert.equal(price(line, ['discount', 'platformDiscount', 'shipping', 'tax']), 2065n);
  assert.equal(price({ ...line, paid: 100 }, []), 0n);
});

test('a gift is a rounded percentage, or a fixed amount that the price bounds', () => {
  const rows: [Parameters<typeof giftAmount>, bigint][] = [
    [[{ basisPoints: 100 }, 1990n, 1], 20n],
    [[{ basisPoints: 100 }, 49n, 1], 0n],
    [[{ basisPoints: 100 }, 50n, 1], 1n],
    [[{ basisPoints: 10_000 }, 7n, 3], 7n],
    [[{ fixed: 10, per: 'line' }, 1990n, 3], 10n],
    [[{ fixed: 10, per: 'unit' }, 1990n, 3], 30n],
    [[{ fixed: 10, per: 'unit' }, 25n, 3], 25n],
    [[{ basisPoints: 9_999 }, 2n ** 53n - 1n, 1], 9006298534815517n],
  ];
  for (const [given, expected] of rows) assert.equal(giftAmount(...given), expected);
});

test('what is kept after returns does not depend on their order, falls, and ends at nothing', () => {
  assert.equal(keptAfterReturns(20n, 1990n, 995n), 10n);
  const amount = fc.bigInt({ min: 1n, max: 10_000n });
  fc.assert(
    fc.property(
      amount,
      amount,
      fc.array(fc.bigInt({ min: 0n, max: 3_000n }), { maxLength: 5 }),
      (price, paid, returns) => {
        const given = giftAmount({ basisPoints: 700 }, price, 1);
        let sum = 0n;
        let kept = given;
        for (const one of returns) {
          sum += one;
          const next = keptAfterReturns(given, price, returnedPrice(price, paid, sum));
          assert.ok(next >= 0n && next <= kept);
          kept = next;
        }
        assert.equal(keptAfterReturns(given, price, returnedPrice(price, paid, paid < price ? paid : price)), 0n);
      },
    ),
  );
});

test('a return of all that was paid gives back the whole price, even where the price was above it or nothing was paid', () => {
  assert.equal(returnedPrice(2065n, 1990n, 1990n), 2065n);
  assert.equal(returnedPrice(2065n, 1990n, 995n), 1032n);
  assert.equal(returnedPrice(1580n, 1990n, 1990n), 1580n);
  assert.equal(returnedPrice(100n, 0n, 0n), 100n);
});

test('gifts split as their running total does, and the quick way agrees', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      weights,
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 30 }),
      fc.nat(1e15),
      (weights, gifts, start) => {
        const running = new RunningSplit(weights, start);
        let before = BigInt(start);
        for (const gift of gifts) {
          assert.deepEqual(running.add(gift).map(BigInt), splitGift(weights.map(BigInt), before, BigInt(gift)));
          before += BigInt(gift);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('taking back piece by piece takes from each move what taking at once does, and never more than it moved', () => {
  const moves = fc.array(fc.bigInt({ min: 1n, max: 500n }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(moves, fc.array(fc.bigInt({ min: 1n, max: 100n }), { maxLength: 10 }), (moves, pieces) => {
      const given = moves.reduce((a, b) => a + b, 0n);
      const taken = moves.map(() => 0n);
      let before = 0n;
      for (const piece of [...pieces, given]) {
        const after = before + piece < given ? before + piece : given;
        for (const [i, part] of takeBack(moves, before, after).entries()) {
          assert.ok(part >= 0n);
          taken[i] = (taken[i] ?? 0n) + part;
        }
        before = after;
      }
      assert.deepEqual(taken, moves);
    }),
  );
});
