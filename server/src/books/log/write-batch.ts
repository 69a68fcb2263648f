/** The one transaction of a batch, and how its failures are to be read. */
import type { Client } from 'pg';
import { Bug } from '#base/assert';
import { copyRows } from '#base/bytes/copy-rows';
import { Fault } from '#base/fault';
import type { Batch } from './batch.ts';
import { batchRow, beginAndMoveHead, type Head } from './head-store.ts';

/**
 * Moves the head from `head` to `next` under its fence, then writes all that the batch holds. Durable on return.
 * @throws Fault `not_the_writer` when the head is no longer `head`; the database's errors. After any of them the outcome is unknown.
 */
export async function writeBatch(client: Client, batch: Batch, head: Head, next: Head): Promise<void> {
  const copies = await batch.copies();
  try {
    if (!(await beginAndMoveHead(client, batch.bookId, head, next)))
      throw new Fault('not_the_writer', 'another writer has taken the book over');
    const entries = batchRow(batch.bookId, batch.first, next.nextIndex, batch.acceptedAt, batch.framed());
    await copyRows(client, batch.size > 0 ? [entries, ...copies] : copies);
    await batch.runSteps(client);
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
  // A crash before this returns leaves the outcome unknown to us and known to the database: we answer 503 and read the head again.
  await client.query('commit');
  batch.written();
}

/** The SQLSTATE, system or fault code of an error. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** A failure of our own code, not of the world: anything but a Fault, a database error or a lost connection. */
export function isOurs(error: unknown): boolean {
  if (error instanceof Bug) return true;
  if (error instanceof Fault) return false;
  const code = codeOf(error);
  if (code === undefined) return error instanceof TypeError || error instanceof RangeError;
  return /^(23001|23502|23514|42)/.test(code);
}
