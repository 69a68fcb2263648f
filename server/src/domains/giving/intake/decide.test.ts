import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '@rivulet/client/contract';
import { giftAmount, price, type Rule } from '@rivulet/verifier';
import fc from 'fast-check';
import { amountOf, priceOf } from './decide.ts';

const minor = fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: limits.amountMinor }));
const rule: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({ basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
  fc.record({
    fixed: fc.integer({ min: 1, max: limits.fixedMinor }),
    per: fc.constantFrom('line' as const, 'unit' as const),
  }),
);

test('amounts in safe integers are those that the verifier works out, to the limits of the contract', () => {
  const line = fc.record({
    paid: minor,
    shipping: minor,
    tax: minor,
    discount: minor,
    platformDiscount: minor,
    quantity: fc.integer({ min: 1, max: limits.quantity }),
  });
  const base = fc.subarray(['shipping', 'tax', 'discount', 'platformDiscount'] as const);
  fc.assert(
    fc.property(line, base, rule, (amounts, parts, given) => {
      const expected = price(amounts, parts);
      assert.equal(priceOf({ amount: (member) => amounts[member] }, parts), Number(expected));
      const amount = amountOf(given, Number(expected), amounts.quantity);
      assert.ok(Number.isSafeInteger(amount));
      assert.equal(amount, Number(giftAmount(given, expected, amounts.quantity)));
    }),
    { numRuns: 2_000 },
  );
});
