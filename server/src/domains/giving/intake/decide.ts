/** What a completed line gives by the terms in force when it was placed, before caps. Changes nothing. */

import type { IgnoredReason } from '@rivulet/client/contract';
import { giftAmount, price as priceOf } from '@rivulet/verifier';
import { type Refusal, refusal } from '#base/refusal';
import type { CompletedDraft } from './draft.ts';
import type { Catalogue, Terms } from './state.ts';

export type Decision =
  | { readonly terms: Terms; readonly price: number; readonly amount: number; person?: string; secret?: string }
  | { readonly ignored: IgnoredReason }
  | { readonly refusal: Refusal };

export function decide({ event, placedMs }: CompletedDraft, catalogue: Catalogue): Decision {
  const { source, merchant, item, pledge } = event;
  const terms = catalogue.termsInForce(source, merchant, item, placedMs, pledge);
  if ('reason' in terms) {
    const { reason } = terms;
    return reason === 'pledge_unknown' || reason === 'pledge_not_in_force'
      ? { refusal: pledgeRefusal(reason) }
      : { ignored: reason };
  }
  if (terms.asset !== event.currency) return { refusal: currencyRefusal(event.currency, terms.asset) };
  const price = priceOf(event, terms.base);
  const amount = Number(giftAmount(terms.rule, price, event.quantity));
  return amount === 0 ? { ignored: 'rounds_to_zero' } : { terms, price: Number(price), amount };
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
