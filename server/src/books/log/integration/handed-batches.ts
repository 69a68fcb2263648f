/**
 * Committed batches as the writer handed them over, so that integration need not read them back. They are a copy of what log.batch holds: whatever is
 * missing here, after a start or when integration is slow, is read there.
 */
import type { StoredBatch } from './integration-store.ts';

const mostBytes = 64 * 1024 * 1024;

export class HandedBatches {
  #batches: StoredBatch[] = [];
  #bytes = 0;

  /** In commit order; a batch that does not follow the last one makes those before it worthless. */
  add(batch: StoredBatch): void {
    const last = this.#batches.at(-1);
    if (last !== undefined && last.next !== batch.first) this.clear();
    if (this.#bytes + batch.entries.length > mostBytes) this.clear();
    this.#batches.push(batch);
    this.#bytes += batch.entries.length;
  }

  /**
   * Takes out the batches from entry `from` on, at most `maxBytes` but one at least. Empty when the first of them is not here.
   * @param head the database's: what it does not know yet is left for the next time
   */
  take(from: number, head: number, maxBytes: number): StoredBatch[] {
    const start = this.#batches.findIndex(({ next }) => next > from);
    const first = this.#batches[start];
    if (first === undefined || first.first > from) return [];
    let end = start;
    let bytes = 0;
    for (const { next, entries } of this.#batches.slice(start)) {
      if (next > head || (end > start && bytes + entries.length > maxBytes)) break;
      bytes += entries.length;
      end += 1;
    }
    const taken = this.#batches.slice(start, end);
    this.#batches = this.#batches.slice(end);
    this.#bytes = this.#batches.reduce((sum, { entries }) => sum + entries.length, 0);
    return taken;
  }

  clear(): void {
    this.#batches = [];
    this.#bytes = 0;
  }
}
