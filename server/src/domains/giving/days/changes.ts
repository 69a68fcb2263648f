/** What became of a source's gifts, in log order: the stream by which it keeps its own copy. */
import type { Change } from '@rivulet/client/contract';
import type { GivingBook, GivingContext } from '../book.ts';
import { readTexts } from '../openings/openings.ts';
import { readChangeRows } from './store.ts';

/** Changes with an index above `after`, at most `limit`. Committed, whether or not they are published yet. */
export async function readChanges(
  { pool }: GivingContext,
  { book }: GivingBook,
  source: string,
  after: number,
  limit: number,
): Promise<Change[]> {
  const rows = await readChangeRows(pool, book.bookId, source, after, limit);
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const texts = await readTexts(pool, book.bookId, Number(first.index), Number(last.index) + 1);
  return rows.map((row) => {
    // Erased with its buyer: what is left are amounts.
    const text = texts.get(Number(row.index));
    const { order, line, return: returned } = text === undefined ? {} : JSON.parse(text);
    return {
      type: row.type,
      index: Number(row.index),
      gift: `${book.book}-${row.gift}`,
      currency: row.currency,
      minor: String(row.minor),
      ...(order === undefined ? {} : { order, line }),
      ...(returned === undefined ? {} : { return: returned }),
    };
  });
}
