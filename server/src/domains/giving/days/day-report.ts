/** A source's day as we have it, for the source to compare with its own books. */
import type { DayReport } from '@rivulet/client/contract';
import type { ClientBase, Pool } from 'pg';
import { readDigest, readLines } from './store.ts';

type Line = DayReport['lines'][number];

/** A day without a line is a day of zeros: the source reported nothing for it. */
export async function readDay(
  read: Pool | ClientBase,
  bookId: number,
  source: string,
  zone: string,
  date: string,
): Promise<DayReport> {
  const lines = await readLines(read, bookId, source, date);
  const found = await readDigest(read, bookId, source, date);
  return {
    source,
    date,
    zone,
    lines: lines as Line[],
    digest: BigInt(found?.digest ?? 0)
      .toString(16)
      .padStart(64, '0'),
    tallied: found?.tallied?.toISOString() ?? null,
  };
}
