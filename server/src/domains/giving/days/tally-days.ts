/** Says each finished day of a source in the log, and says it again when the day changed after that. */

import type { DayReport } from '@rivulet/client/contract';
import { canonical } from '@rivulet/verifier';
import type { Batch, Work } from '#books/log';
import type { GivingBook, GivingContext } from '../book.ts';
import { readDay } from './day-report.ts';

/** A day is tallied when no line of it came for so long, so that a late delivery is one tally and not a thousand. */
const quietMs = 60_000;
const daysAtOnce = 500;

interface DueDay {
  source: string;
  zone: string;
  date: string;
  changedAt: Date;
}

/** Tallies what is due at `now`. Returns how many days. */
export async function tallyDays(context: GivingContext, held: GivingBook, now: Date): Promise<number> {
  const due = await readDue(context, held, now);
  for (const day of due) {
    const report = await readDay(context.pool, held.book.bookId, day.source, day.zone, day.date);
    await held.writer.submit(tallyWork(held, day, report));
  }
  return due.length;
}

async function readDue({ pool }: GivingContext, { book }: GivingBook, now: Date): Promise<DueDay[]> {
  const { rows } = await pool.query(
    `select d.source, s.zone, d.date::text as date, d.changed_at as "changedAt"
     from giving.day_digest d join giving.source s using (source)
     where d.book_id = $1 and (d.tallied_at is null or d.tallied_at < d.changed_at)
       and d.changed_at < $2::timestamptz - $3 * interval '1 millisecond' and d.date < ($2::timestamptz at time zone s.zone)::date
     order by d.date, d.source limit $4`,
    [book.bookId, now, quietMs, daysAtOnce],
  );
  return rows;
}

/** Marks the day as tallied at what was read of it; a change that came in between leaves it due. */
function tallyWork({ intake }: GivingBook, day: DueDay, report: DayReport): Work<void> {
  return {
    family: intake,
    size: 1,
    build(batch: Batch) {
      batch.append(tallyEntry(report));
      batch.write(async (tx) => {
        await tx.query(
          `update giving.day_digest set tallied_at = $5 where book_id = $1 and source = $2 and date = $3 and changed_at = $4`,
          [batch.bookId, day.source, day.date, day.changedAt, batch.acceptedAt],
        );
      });
    },
  };
}

function tallyEntry({ source, date, digest, lines }: DayReport): string {
  const sums = (outcome: string) =>
    Object.fromEntries(
      lines
        .filter((line) => line.outcome === outcome)
        .map((line) => [line.currency, [Number(line.lines), Number(line.minor)]]),
    );
  const reasons = (outcome: string) =>
    Object.fromEntries(
      lines.filter((line) => line.outcome === outcome).map((line) => [line.reason, Number(line.lines)]),
    );
  return canonical({
    kind: 'giving.tally',
    source,
    date,
    digest: Buffer.from(digest, 'hex').toString('base64url'),
    created: sums('created'),
    returned: sums('returned'),
    ignored: reasons('ignored'),
    refused: reasons('refused'),
  });
}
