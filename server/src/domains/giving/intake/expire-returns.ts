/** Returns whose order never came are dropped after 180 days. Runs through the writer: memory and table forget together. */
import type { Batch, Work } from '#books/log';
import type { GivingBook } from '../book.ts';
import { deleteExpiredReturns } from './store.ts';

const waitMs = 180 * 24 * 60 * 60 * 1000;

/** @returns how many were dropped */
export async function dropExpiredReturns({ book, intake, writer }: GivingBook, now: Date): Promise<number> {
  let dropped: string[] = [];
  const work: Work<void> = {
    family: intake,
    size: 1,
    build(batch: Batch) {
      batch.write(async (tx) => {
        dropped = await deleteExpiredReturns(tx, book.bookId, new Date(now.getTime() - waitMs));
      });
      batch.committed(() => intake.forgetWaiting(dropped));
    },
  };
  await writer.submit(work);
  return dropped.length;
}
