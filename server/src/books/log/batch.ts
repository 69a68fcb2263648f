/** What one transaction of a book's writer will hold: entries with dense indices, steps to write beside them, and what follows the commit. */
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import { leafHashOf } from '#base/sha256';

/** tlog-tiles frames an entry with a 16-bit length. */
const maxEntryBytes = 65535;

export class Batch {
  readonly bookId: number;
  /** When this batch was accepted; never before the book's last tick. */
  readonly acceptedAt: Date;
  /** Index of the batch's first entry. */
  readonly first: number;
  readonly #entries: string[] = [];
  readonly #leaves: string[] = [];
  readonly #steps: ((tx: ClientBase) => Promise<void>)[] = [];
  readonly #onBuilt: (() => void)[] = [];
  readonly #after: (() => void)[] = [];
  readonly #parts = new Map<object, unknown>();
  #tick: string | null;

  /** @param tick the `log.tick` entry to say before anything else, or null */
  constructor(bookId: number, first: number, acceptedAt: Date, tick: string | null) {
    this.bookId = bookId;
    this.first = first;
    this.acceptedAt = acceptedAt;
    this.#tick = tick;
  }

  /** The index that the next entry will get. */
  nextIndex(): number {
    if (this.#tick !== null) {
      const tick = this.#tick;
      this.#tick = null;
      this.#push(tick);
    }
    return this.first + this.#entries.length;
  }

  /** Appends one entry, canonical JSON of docs/formats/entries.md. Returns its index. */
  append(entry: string): number {
    const index = this.nextIndex();
    this.#push(entry);
    return index;
  }

  /** Leaf hash of an entry of this batch, as a binary string of 32 characters. */
  leafHash(index: number): string {
    const leaf = this.#leaves[index - this.first];
    assert(leaf !== undefined, `entry ${index} is not in this batch`);
    return leaf;
  }

  /** Leaf hashes of all entries of the batch, joined, as a binary string. */
  leaves(): string {
    return this.#leaves.join('');
  }

  /** Adds a step inside the transaction, after the head has moved, in order. */
  write(step: (tx: ClientBase) => Promise<void>): void {
    this.#steps.push(step);
  }

  /**
   * Adds what happens when the batch is built, before it is written: state that only the writer sees advances here, so that the next batch can be
   * built on it. Should the write fail, all of that state is read again.
   */
  built(fn: () => void): void {
    this.#onBuilt.push(fn);
  }

  /** Adds what may only happen once the transaction is durable: whatever others can see. */
  committed(fn: () => void): void {
    this.#after.push(fn);
  }

  /** The one part of this batch that belongs to `owner`, made at first use: a ledger's posting, a domain's running state. */
  part<T>(owner: object, make: () => T): T {
    if (!this.#parts.has(owner)) this.#parts.set(owner, make());
    return this.#parts.get(owner) as T;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0 && this.#steps.length === 0;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** All entries in tlog-tiles bundle framing. */
  framed(): Buffer {
    let capacity = 0;
    for (const entry of this.#entries) capacity += 2 + entry.length * 3;
    const bytes = Buffer.allocUnsafe(capacity);
    let end = 0;
    for (const entry of this.#entries) {
      const written = bytes.write(entry, end + 2, 'utf8');
      assert(written <= maxEntryBytes, `an entry of ${written} bytes`);
      bytes.writeUInt16BE(written, end);
      end += 2 + written;
    }
    return bytes.subarray(0, end);
  }

  async runSteps(tx: ClientBase): Promise<void> {
    for (const step of this.#steps) await step(tx);
  }

  runBuilt(): void {
    for (const fn of this.#onBuilt) fn();
  }

  runCommitted(): void {
    for (const fn of this.#after) fn();
  }

  #push(entry: string): void {
    this.#entries.push(entry);
    this.#leaves.push(leafHashOf(entry));
  }
}
