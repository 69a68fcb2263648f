/** What became of a source's gifts, in log order: the stream by which it keeps its own copy. */
import type { Change } from '@rivulet/client/contract';
import type { GivingBook, GivingContext } from '../book.ts';
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
  return rows.map((row) => {
    const { order, line, return: returned } = row.text === null ? {} : JSON.parse(row.text);
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
