/** What a line gives and keeps: docs/formats/entries.md, "Amounts". Minor units throughout; all divisions round as written there. */
import { apportion } from './apportion.ts';

/** What can count into a price beside what was paid. */
export type BasePart = 'discount' | 'platformDiscount' | 'shipping' | 'tax';

/** A percentage in hundredths of a percent, or a fixed amount. */
export type Rule = { basisPoints: number } | { fixed: number; per: 'line' | 'unit' };

/** Members of an order event, for all its units; `paid` includes shipping and tax. */
export interface LineAmounts {
  paid: number | bigint;
  shipping: number | bigint;
  tax: number | bigint;
  discount: number | bigint;
  platformDiscount: number | bigint;
}

/** The price that a pledge counts from; never below zero. */
export function price(line: LineAmounts, base: readonly BasePart[]): bigint {
  let sum = BigInt(line.paid);
  if (!base.includes('shipping')) sum -= BigInt(line.shipping);
  if (!base.includes('tax')) sum -= BigInt(line.tax);
  if (base.includes('discount')) sum += BigInt(line.discount);
  if (base.includes('platformDiscount')) sum += BigInt(line.platformDiscount);
  return sum > 0n ? sum : 0n;
}

/** Before any cap; 0 when it rounds to nothing. */
export function giftAmount(rule: Rule, price: bigint, quantity: number | bigint): bigint {
  if ('basisPoints' in rule) return (price * BigInt(rule.basisPoints) + 5000n) / 10_000n;
  const fixed = BigInt(rule.fixed) * (rule.per === 'unit' ? BigInt(quantity) : 1n);
  return fixed < price ? fixed : price;
}

/**
 * How much of the price has come back.
 * @param paid the order's
 * @param returnedPaid the sum of `paid` over its returns; where nothing was paid for the line, any return gives back the whole price
 */
export function returnedPrice(price: bigint, paid: bigint, returnedPaid: bigint): bigint {
  if (paid === 0n) return price;
  const returned = price > paid ? (returnedPaid * price) / paid : returnedPaid;
  return returned < price ? returned : price;
}

/** What a gift still is after returns; the order of the returns does not matter. @param price above zero */
export function keptAfterReturns(given: bigint, price: bigint, returned: bigint): bigint {
  return (given * (price - returned) + price / 2n) / price;
}

/**
 * What each of a gift's moves gives back when the sum taken back grows.
 * @param amounts the gift's moves
 * @param before taken back until now, of all moves together
 * @param after from now on; at most the sum of `amounts`
 */
export function takeBack(amounts: readonly bigint[], before: bigint, after: bigint): bigint[] {
  const had = apportion(before, amounts);
  return apportion(after, amounts).map((part, i) => part - (had[i] as bigint));
}

/**
 * What a gift adds for each recipient of its terms.
 * @param before the sum of gifts made under these terms until now
 */
export function splitGift(weights: readonly bigint[], before: bigint, amount: bigint): bigint[] {
  const had = apportion(before, weights);
  return apportion(before + amount, weights).map((part, i) => part - (had[i] as bigint));
}
