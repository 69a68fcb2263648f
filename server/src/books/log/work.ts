/** What a book's writer is given to do: works, and the families that share state. */
import type { ClientBase } from 'pg';
import type { Batch } from './batch.ts';

/** What works of one sort share: their state in memory. */
export interface Family {
  readonly name: string;
  /**
   * Reads what `works` will need, once for all of them. Returns what makes it ready for them, called right before they are built. The batch
   * before may still be flying, if its works overlap: what it changed must then win over what was read.
   */
  prepare?(works: readonly Work[], read: ClientBase): Promise<() => void>;
  /**
   * Forgets everything and reads it again: at the start, and after any failure whose outcome is unknown.
   * @param alone whether nobody but this writer wrote the book since the last time: what it remembers of all it ever built may then be kept
   */
  load(read: ClientBase, alone: boolean): Promise<void>;
  /** Ends what it does in the background: the writer stops. */
  stop?(): void;
}

export interface Work<R = unknown> {
  readonly family: Family;
  /** How much this is, in events; bounds a batch and the queue. */
  readonly size: number;
  /** Whether the next batch may be built on top of this one while it is being written. */
  readonly overlaps?: boolean;
  /** Takes a batch of its own: it changes what other works of the same batch were prepared with. */
  readonly alone?: boolean;
  /** Synchronous, and must not touch shared state but through `batch.built` and `batch.committed`. */
  build(batch: Batch): R;
}

export interface Receipt<R> {
  readonly result: R;
  /** Entries `first` … `next` - 1 are this work's; none when equal. */
  readonly first: number;
  readonly next: number;
  /** The committed batch that holds them. */
  readonly batch: Batch;
}
