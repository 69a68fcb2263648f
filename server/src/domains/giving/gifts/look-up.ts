/** Finds a gift by its code, or says what became of an order line. */
import type { Gift, OrderLookup, OrderLookupAnswer } from '@rivulet/client/contract';
import { isRefusal, type Refusal } from '#base/refusal';
import { bookOf, type GivingBook, type GivingContext } from '../book.ts';
import { lineKey } from '../intake/lines/draft.ts';
import { readLine } from './store.ts';
import { noSuchGift, viewGift } from './view-gift.ts';

export async function lookUpByCode(context: GivingContext, code: string): Promise<Gift | Refusal> {
  const found = decode(context, code);
  return found === null ? noSuchGift : viewGift(context, found.held, found.index);
}

/** Whether this code is that gift's. */
export function opensGift(context: GivingContext, code: string, held: GivingBook, index: number): boolean {
  const found = decode(context, code);
  return found !== null && found.held === held && found.index === index;
}

export async function lookUpOrder(
  context: GivingContext,
  held: GivingBook,
  { source, order, line }: OrderLookup,
): Promise<OrderLookupAnswer | Refusal> {
  const found = await readLine(context.pool, held.book.bookId, lineKey(held.intake.hash, source, order, line));
  if (found === null) return { outcome: 'unknown' };
  if (!('gift' in found)) return found;
  const gift = await viewGift(context, held, found.gift);
  return isRefusal(gift) ? gift : { outcome: 'gift', gift };
}

function decode(context: GivingContext, code: string): { held: GivingBook; index: number } | null {
  const found = context.books[0]?.intake.codes.decode(code) ?? null;
  const held = found === null ? undefined : bookOf(context, found.bookId);
  return found === null || held === undefined ? null : { held, index: found.index };
}
