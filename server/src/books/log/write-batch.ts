/** The one transaction of a batch. */
import type { Client } from 'pg';
import { Fault } from '#base/fault';
import type { Batch } from './batch.ts';
import { type Head, insertBatch, moveHead } from './head-store.ts';

/**
 * Moves the head from `head` to `next` under its fence, then writes all that the batch holds. Durable on return.
 * @throws Fault `not_the_writer` when the head is no longer `head`; the database's errors. After any of them the outcome is unknown.
 */
export async function writeBatch(client: Client, batch: Batch, head: Head, next: Head): Promise<void> {
  await client.query('begin');
  try {
    if (!(await moveHead(client, batch.bookId, head, next.nextIndex, next.lastTick)))
      throw new Fault('not_the_writer', 'another writer has taken the book over');
    if (batch.size > 0)
      await insertBatch(client, batch.bookId, batch.first, next.nextIndex, batch.acceptedAt, batch.framed());
    await batch.runSteps(client);
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
  // A crash before this returns leaves the outcome unknown to us and known to the database: we answer 503 and read the head again.
  await client.query('commit');
}
