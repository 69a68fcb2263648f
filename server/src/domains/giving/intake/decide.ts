/** What a completed line gives by the terms in force when it was placed, before caps. Changes nothing. */

import type { IgnoredReason } from '@rivulet/client/contract';
import type { BasePart, Rule } from '@rivulet/verifier';
import { type Refusal, refusal } from '#base/refusal';
import type { CompletedDraft } from './lines/draft.ts';
import type { OrderLine } from './lines/order-line.ts';
import type { People, Person } from './people.ts';
import type { Catalogue, Terms } from './state.ts';

export type Decision =
  | {
      readonly terms: Terms;
      readonly price: number;
      readonly amount: number;
      /** Null for a line without a buyer. */
      readonly person: Person | null;
    }
  | { readonly ignored: IgnoredReason }
  | { readonly refusal: Refusal };

export function decide({ line, source }: CompletedDraft, catalogue: Catalogue, people: People): Decision {
  const { placedMs, pledge } = line;
  const terms = catalogue.termsInForce(source, line.text('merchant'), line.text('item'), placedMs, pledge);
  if ('reason' in terms) {
    const { reason } = terms;
    return reason === 'pledge_unknown' || reason === 'pledge_not_in_force'
      ? { refusal: pledgeRefusal(reason) }
      : { ignored: reason };
  }
  const currency = line.text('currency');
  if (terms.asset !== currency) return { refusal: currencyRefusal(currency, terms.asset) };
  const price = priceOf(line, terms.base);
  const amount = amountOf(terms.rule, price, line.amount('quantity'));
  return amount === 0
    ? { ignored: 'rounds_to_zero' }
    : { terms, price, amount, person: line.hasBuyer ? people.of(source, line.text('buyer')) : null };
}

/**
 * The verifier's `price`, in safe integers: the contract's limits keep every sum and product here below 2^53 (a test says so of both). The hot path
 * does it for every line.
 */
export function priceOf(line: Pick<OrderLine, 'amount'>, base: readonly BasePart[]): number {
  let sum = line.amount('paid');
  if (!base.includes('shipping')) sum -= line.amount('shipping');
  if (!base.includes('tax')) sum -= line.amount('tax');
  if (base.includes('discount')) sum += line.amount('discount');
  if (base.includes('platformDiscount')) sum += line.amount('platformDiscount');
  return Math.max(0, sum);
}

/** The verifier's `giftAmount`, likewise. */
export function amountOf(rule: Rule, price: number, quantity: number): number {
  if ('basisPoints' in rule) return Math.floor((price * rule.basisPoints + 5000) / 10_000);
  return Math.min(price, rule.per === 'unit' ? rule.fixed * quantity : rule.fixed);
}

function pledgeRefusal(code: 'pledge_unknown' | 'pledge_not_in_force'): Refusal {
  return code === 'pledge_unknown'
    ? refusal('missing', code, 'no such pledge of this merchant and item', '该商家的该商品没有此项承诺', 'pledge')
    : refusal(
        'conflict',
        code,
        'this version was not in force when the order was placed',
        '下单时该版本的承诺未生效',
        'pledge',
      );
}

function currencyRefusal(currency: string, asset: string): Refusal {
  const en = `the pledge gives ${asset}; its recipients do not take ${currency}`;
  return refusal('conflict', 'currency_not_taken', en, `该承诺以 ${asset} 捐赠，受赠方不接受 ${currency}`, 'currency');
}
