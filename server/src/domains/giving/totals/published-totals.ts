/** Public totals, true at a published checkpoint. Read once a checkpoint, however many ask. */
import type { RecipientTotals, Totals } from '@rivulet/client/contract';
import type { Pool } from 'pg';
import type { GivingBook, GivingContext } from '../book.ts';
import { readAssetTotals, readRecipientTotals, type Total } from '../intake/running-totals.ts';

/** Given, returned and gifts of each asset of the live book. @returns null before the first checkpoint: unknown is never zero */
export const publishedTotals = oncePerCheckpoint(async ({ pool }, { book }, logSize): Promise<Totals> => {
  const rows = await readAssetTotals(pool, book.bookId, logSize);
  return { asOf: { logSize }, assets: Object.fromEntries(rows.map(({ asset, total }) => [asset, texts(total)])) };
});

/** The same for each recipient. */
export const publishedRecipientTotals = oncePerCheckpoint(
  async ({ pool }, { book }, logSize): Promise<RecipientTotals> => {
    const recipients = await readRecipients(pool, book.bookId);
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

async function readRecipients(pool: Pool, bookId: number): Promise<RecipientTotals['recipients']> {
  const { rows } = await pool.query(
    `select r.public_id as recipient, e.said->>'type' as type, e.said->'name' as name, e.said->'charity' as charity
     from giving.recipient_entry e join giving.recipient r using (recipient) where e.book_id = $1 order by e.index`,
    [bookId],
  );
  return rows.map((row) => ({ ...row, assets: {} }));
}

function texts({ given, returned, gifts }: Total) {
  return { givenMinor: String(given), returnedMinor: String(returned), gifts: String(gifts) };
}
