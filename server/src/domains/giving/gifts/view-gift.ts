/** The public facts of one gift. */
import type { Gift } from '@rivulet/client/contract';
import { type Refusal, refusal } from '#base/refusal';
import type { GivingBook, GivingContext } from '../book.ts';
import { readGift, readParts } from './store.ts';

export const noSuchGift: Refusal = refusal('missing', 'gift_unknown', 'there is no such gift', '没有这笔捐赠');

export async function viewGift(context: GivingContext, held: GivingBook, index: number): Promise<Gift | Refusal> {
  const { bookId, book, purpose } = held.book;
  const facts = await readGift(context.pool, bookId, index);
  if (facts === null) return noSuchGift;
  const parts = await readParts(context.pool, bookId, index);
  return {
    gift: `${book}-${index}`,
    book,
    index,
    purpose,
    imported: facts.imported,
    currency: facts.asset,
    givenMinor: String(facts.given),
    returnedMinor: String(facts.returned),
    keptMinor: String(facts.given - facts.returned),
    merchant: {
      merchant: facts.merchantPublicId,
      ...(facts.merchantName === null ? {} : { name: facts.merchantName }),
    },
    recipients: parts.map(({ recipient, type, name, charity, amount, returned }) => ({
      recipient,
      type,
      name,
      charity,
      amountMinor: String(amount),
      keptMinor: String(amount - returned),
    })),
    termsIndex: facts.termsIndex,
    published: index < (held.log.published()?.size ?? 0),
  };
}
