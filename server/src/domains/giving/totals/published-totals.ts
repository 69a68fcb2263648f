/** Public totals, true at a published checkpoint. Read once a checkpoint, however many ask. */
import type { RecipientTotals, Totals } from '@rivulet/client/contract';
import type { GivingBook, GivingContext } from '../book.ts';
import type { Total } from './running-totals.ts';
import { readAssetTotals, readRecipients, readRecipientTotals } from './store.ts';

/** Given, returned and gifts of each asset of the live book. @returns null before the first checkpoint: unknown is never zero */
export const publishedTotals = oncePerCheckpoint(async ({ pool }, { book }, logSize): Promise<Totals> => {
  const rows = await readAssetTotals(pool, book.bookId, logSize);
  return { asOf: { logSize }, assets: Object.fromEntries(rows.map(({ asset, total }) => [asset, texts(total)])) };
});

/** The same for each recipient. */
export const publishedRecipientTotals = oncePerCheckpoint(
  async ({ pool }, { book }, logSize): Promise<RecipientTotals> => {
    const recipients = (await readRecipients(pool, book.bookId)).map((row): RecipientTotals['recipients'][number] => ({
      ...row,
      assets: {},
    }));
    for (const { recipient, asset, total } of await readRecipientTotals(pool, book.bookId, logSize)) {
      const found = recipients.find((candidate) => candidate.recipient === recipient);
      if (found !== undefined) found.assets[asset] = texts(total);
    }
    return { asOf: { logSize }, recipients };
  },
);

type Read<T> = (context: GivingContext, held: GivingBook, logSize: number) => Promise<T>;

/** Remembers the answer until the next checkpoint; concurrent callers share one reading. */
function oncePerCheckpoint<T>(read: Read<T>): (context: GivingContext, held: GivingBook) => Promise<T | null> {
  const last = new WeakMap<GivingBook, { logSize: number; answer: Promise<T> }>();
  return (context, held) => {
    const published = held.log.published();
    if (published === null) return Promise.resolve(null);
    let known = last.get(held);
    if (known?.logSize !== published.size) {
      known = { logSize: published.size, answer: read(context, held, published.size) };
      last.set(held, known);
      known.answer.catch(() => last.delete(held));
    }
    return known.answer;
  };
}

function texts({ given, returned, gifts }: Total) {
  return { givenMinor: String(given), returnedMinor: String(returned), gifts: String(gifts) };
}
