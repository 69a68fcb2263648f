/** The signed promise: what this batch added will be in a checkpoint by then. Format: docs/formats/proofs.md, "Signed promise". */
import { createHash } from 'node:crypto';
import type { Batch } from '#books/log';
import type { GivingBook } from '../../book.ts';

/** Integration takes a second; the promise leaves room for a restart. */
const promiseSeconds = 60;

const signed = new WeakMap<Batch, string>();

/** One promise a batch, shared by all requests in it: a signature costs as much as several gifts. */
export function promiseOf({ book, log }: GivingBook, batch: Batch): string {
  let promise = signed.get(batch);
  if (promise === undefined) {
    const by = new Date(batch.acceptedAt.getTime() + promiseSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const leaves = createHash('sha256').update(batch.leaves()).digest('base64');
    const last = batch.first + batch.size - 1;
    promise = log.sign(`rivulet-promise/v1\n${book.origin}\n${batch.first} ${last}\n${leaves}\n${by}\n`);
    signed.set(batch, promise);
  }
  return promise;
}
