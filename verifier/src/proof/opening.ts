/** The opening of a seal: what an order was, for its holder alone. docs/formats/entries.md, "Seals". */
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { giftAmount, type LineAmounts, price } from '../entry/amount.ts';
import { canonical } from '../entry/canonical.ts';
import type { GivingTerms } from '../entry/entry.ts';
import { integer, object, text } from '../entry/shape.ts';
import { Failure } from '../failure.ts';
import { sha256 } from '../tlog/sha256.ts';

/** As it stands in a proof. */
export interface SealedText {
  /** 32 bytes, base64url. */
  salt: string;
  text: string;
}

/** An order line as its source sent it. */
export interface OrderOpening extends LineAmounts {
  buyer?: string;
  completedAt: string;
  currency: string;
  item: string;
  line: string;
  merchant: string;
  order: string;
  placedAt: string;
  quantity: number;
  source: string;
}

const id = text(/^.{1,1000}$/su, 'an id', '编号', (said) => said.isWellFormed());
const time = text(/^\d{4}-\d\d-\d\dT/, 'a time', '时间', (said) => !Number.isNaN(Date.parse(said)));
const amount = integer(0);
const shape = object(
  {
    completedAt: time,
    currency: id,
    discount: amount,
    item: id,
    line: id,
    merchant: id,
    order: id,
    paid: amount,
    placedAt: time,
    platformDiscount: amount,
    quantity: amount,
    shipping: amount,
    source: id,
    tax: amount,
  },
  { buyer: id },
);

/** SHA-256(salt ‖ text), base64url. @throws SyntaxError when the salt is not base64url */
export function sealOf({ salt, text }: SealedText): string {
  return toBase64Url(sha256(concatBytes(fromBase64Url(salt), utf8(text))));
}

/** @throws Failure `opening.seal` unless the opening is what the entry's seal commits to, `entry.*` when it is no order */
export function openSeal(opening: SealedText, seal: string): OrderOpening {
  let made: string;
  try {
    made = sealOf(opening);
  } catch {
    throw new Failure('opening.seal', 'the salt is not base64url', '盐值不是 base64url');
  }
  if (made !== seal) {
    throw new Failure('opening.seal', 'the opening does not fit the seal of the entry', '开封内容与条目的封印不符');
  }
  let order: unknown;
  try {
    order = JSON.parse(opening.text);
  } catch {
    throw new Failure('opening.format', 'the opening is not JSON', '开封内容不是 JSON');
  }
  shape(order, '');
  if (canonical(order) !== opening.text) {
    throw new Failure('opening.format', 'the opening is not in canonical form', '开封内容不是规范形式');
  }
  return order as OrderOpening;
}

/**
 * The amount that the terms make of an order, before any cap, and the price that it counts from.
 * @throws Failure `opening.terms` when the order is not one of these terms
 */
export function amountByTerms(order: OrderOpening, terms: GivingTerms): { amount: bigint; price: bigint } {
  if (order.currency !== terms.asset) {
    const en = `the order is in ${order.currency}, the terms are in ${terms.asset}`;
    throw new Failure('opening.terms', en, `订单以 ${order.currency} 计，条款以 ${terms.asset} 计`);
  }
  const placed = Date.parse(order.placedAt);
  const ended = terms.until !== undefined && placed >= Date.parse(terms.until);
  if (placed < Date.parse(terms.from) || ended) {
    const en = `the order was placed at ${order.placedAt}, when the terms were not in force`;
    throw new Failure('opening.terms', en, `下单时间 ${order.placedAt} 不在条款有效期内`);
  }
  const counted = price(order, terms.base);
  return { amount: giftAmount(terms.rule, counted, order.quantity), price: counted };
}
