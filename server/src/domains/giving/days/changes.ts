/** What became of a source's gifts, in log order: the stream by which it keeps its own copy. */
import type { Change } from '@rivulet/client/contract';
import type { GivingBook, GivingContext } from '../book.ts';

/** Changes with an index above `after`, at most `limit`. Committed, whether or not they are published yet. */
export async function readChanges(
  { pool }: GivingContext,
  { book }: GivingBook,
  source: string,
  after: number,
  limit: number,
): Promise<Change[]> {
  const { rows } = await pool.query({
    name: 'giving.read-changes',
    text: `select c.type, c.index, c.gift, c.minor, t.entry->>'asset' as currency, o.text
           from (
             (select 'gift.created' as type, g.index, g.index as gift, g.given as minor, g.terms from giving.gift g
                join giving.terms s on s.book_id = g.book_id and s.index = g.terms
              where g.book_id = $1 and g.index > $3 and s.source = $2 order by g.index limit $4)
             union all
             (select 'gift.returned', r.index, r.gift, r.returned, g.terms from giving.return r
                join giving.gift g on g.book_id = r.book_id and g.index = r.gift
                join giving.terms s on s.book_id = g.book_id and s.index = g.terms
              where r.book_id = $1 and r.index > $3 and s.source = $2 order by r.index limit $4)
           ) c
           join giving.terms t on t.book_id = $1 and t.index = c.terms
           left join giving.opening o on o.book_id = $1 and o.index = c.index
           order by c.index limit $4`,
    values: [book.bookId, source, after, limit],
  });
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
