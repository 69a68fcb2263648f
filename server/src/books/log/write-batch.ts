/** The one transaction of a batch, and how its failures are to be read. */
import type { Client } from 'pg';
import { Bug } from '#base/assert';
import { runScript } from '#base/bytes/copy-rows';
import { Fault } from '#base/fault';
import type { Batch } from './batch.ts';
import { batchRow, type Head, headMoved, moveHead } from './head-store.ts';

/**
 * Moves the head from `head` to `next` under its fence, then writes all that the batch holds: in one round trip, unless the batch has steps. So the
 * database works on it while the next batch is built. Durable on return.
 * @throws Fault `not_the_writer` when the head is no longer `head`; the database's errors. After any of them the outcome is unknown.
 */
export async function writeBatch(client: Client, batch: Batch, head: Head, next: Head): Promise<void> {
  const before = ['begin', moveHead(batch.bookId, head, next)];
  const copies = [...(await batch.copies())];
  if (batch.size > 0)
    copies.unshift(batchRow(batch.bookId, batch.first, next.nextIndex, batch.acceptedAt, batch.framed()));
  const statements = batch.statements();
  try {
    // A crash before the commit is answered leaves the outcome unknown to us and known to the database: we answer 503 and read the head again.
    await runScript(client, { before, copies, after: batch.hasSteps ? statements : [...statements, 'commit'] });
    if (batch.hasSteps) {
      await batch.runSteps(client);
      await client.query('commit');
    }
  } catch (error) {
    await client.query('rollback').catch(() => {});
    if (codeOf(error) === headMoved) throw new Fault('not_the_writer', 'another writer has taken the book over');
    throw error;
  }
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
