/** A source's day as we have it, for the source to compare with its own books. */
import type { DayReport } from '@rivulet/client/contract';
import type { ClientBase, Pool } from 'pg';

type Line = DayReport['lines'][number];

/** A day without a line is a day of zeros: the source reported nothing for it. */
export async function readDay(
  read: Pool | ClientBase,
  bookId: number,
  source: string,
  zone: string,
  date: string,
): Promise<DayReport> {
  const lines = await read.query(
    `select outcome, reason, currency, lines::text, minor::text from giving.day
     where book_id = $1 and source = $2 and date = $3 and lines > 0 order by outcome, reason, currency`,
    [bookId, source, date],
  );
  const digest = await read.query(
    `select digest::text, case when tallied_at >= changed_at then tallied_at end as tallied from giving.day_digest
     where book_id = $1 and source = $2 and date = $3`,
    [bookId, source, date],
  );
  const row = digest.rows[0];
  return {
    source,
    date,
    zone,
    lines: lines.rows as Line[],
    digest: BigInt(row?.digest ?? 0)
      .toString(16)
      .padStart(64, '0'),
    tallied: row?.tallied?.toISOString() ?? null,
  };
}
