/** Says each finished day of a source in the log, and says it again when the day changed after that. */
import type { DayReport } from '@rivulet/client/contract';
import { canonical } from '@rivulet/verifier';
import type { Batch, Work } from '#books/log';
import type { GivingBook, GivingContext } from '../book.ts';
import { readDay } from './day-report.ts';
import { type DueDay, markTallied, readDueDays } from './store.ts';

/** A day is tallied when no line of it came for so long, so that a late delivery is one tally and not a thousand. */
const quietMs = 60_000;
const daysAtOnce = 500;

/** Tallies what is due at `now`. Returns how many days. */
export async function tallyDays(context: GivingContext, held: GivingBook, now: Date): Promise<number> {
  // Days that a rescue made smaller are not said again before they are whole.
  if (held.intake.lost.isOpen) return 0;
  const due = await readDueDays(context.pool, held.book.bookId, now, quietMs, daysAtOnce);
  for (const day of due) {
    const report = await readDay(context.pool, held.book.bookId, day.source, day.zone, day.date);
    await held.writer.submit(tallyWork(held, day, report));
  }
  return due.length;
}

/** Marks the day as tallied at what was read of it; a change that came in between leaves it due. */
function tallyWork({ intake }: GivingBook, day: DueDay, report: DayReport): Work<void> {
  return {
    family: intake,
    size: 1,
    build(batch: Batch) {
      batch.append(tallyEntry(report));
      batch.write((tx) => markTallied(tx, batch.bookId, day, batch.acceptedAt));
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
