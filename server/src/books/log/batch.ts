/** What one transaction of a book's writer will hold: entries with dense indices, steps to write beside them, and what follows the commit. */
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import type { BinaryRows } from '#base/bytes/binary-rows';
import { ByteText } from '#base/bytes/byte-text';
import type { Copy } from '#base/bytes/copy-rows';
import { sha256 } from '#base/bytes/sha256';

/** tlog-tiles frames an entry with a 16-bit length. */
const maxEntryBytes = 65535;
const hashBytes = 32;

/** What RFC 6962 hashes for a leaf: a zero, then the entry. */
const leafInput = new ByteText();

export class Batch {
  readonly bookId: number;
  /** When this batch was accepted; never before the book's last tick. */
  readonly acceptedAt: Date;
  /** Index of the batch's first entry. */
  readonly first: number;
  /** The entries in bundle framing: u16 length, bytes. */
  readonly #bundle = new ByteText();
  readonly #leaves = new ByteText();
  #size = 0;
  readonly #copies: { readonly target: string; readonly rows: () => BinaryRows | Promise<BinaryRows> }[] = [];
  #packed: Promise<readonly Copy[]> | null = null;
  readonly #statements: (() => string | null)[] = [];
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
    return this.first + this.#size;
  }

  /** Appends one entry, canonical JSON of docs/formats/entries.md. Returns its index. */
  append(entry: string | ByteText): number {
    const index = this.nextIndex();
    this.#push(entry);
    return index;
  }

  /** Adds the leaf hash of an entry of this batch to a sum. */
  addLeaf(index: number, sum: { add(leaves: Uint8Array, at: number): void }): void {
    const place = index - this.first;
    assert(place >= 0 && place < this.#size, `entry ${index} is not in this batch`);
    sum.add(this.#leaves.bytes, place * hashBytes);
  }

  /** Leaf hashes of all entries of the batch, joined. */
  leaves(): Uint8Array {
    return this.#leaves.view();
  }

  /**
   * Adds rows to be copied inside the transaction, after the head has moved: all copies of a batch in one round trip, before its steps.
   * @param rows made when the batch is written
   */
  copy(target: string, rows: () => BinaryRows | Promise<BinaryRows>): void {
    this.#copies.push({ target, rows });
  }

  /** Adds a statement inside the transaction, after the copies, in their round trip. @param make called when the batch is written; null for none */
  statement(make: () => string | null): void {
    this.#statements.push(make);
  }

  /** Adds a step inside the transaction, after the statements, in order. Each takes a round trip or more. */
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
    return this.#size === 0 && this.#steps.length + this.#copies.length + this.#statements.length === 0;
  }

  get size(): number {
    return this.#size;
  }

  /** All entries in tlog-tiles bundle framing: a view, good until `release`. */
  framed(): Buffer {
    return this.#bundle.view();
  }

  /** The entries are in the database, and not needed here any more. */
  release(): void {
    this.#bundle.release();
  }

  /** What is to be copied, packed at the first call: once the batch is built, and before its turn to be written comes. */
  copies(): Promise<readonly Copy[]> {
    this.#packed ??= Promise.all(this.#copies.map(async ({ target, rows }) => ({ target, rows: await rows() })));
    return this.#packed;
  }

  statements(): string[] {
    return this.#statements.flatMap((make) => make() ?? []);
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
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

  #push(entry: string | ByteText): void {
    const leaf = leafInput.clear(1);
    if (typeof entry === 'string') leaf.text(entry);
    else leaf.copy(entry.bytes, 0, entry.length);
    const length = leaf.length - 1;
    assert(length <= maxEntryBytes, `an entry of ${length} bytes`);
    this.#bundle
      .byte(length >>> 8)
      .byte(length & 255)
      .copy(leaf.bytes, 1, leaf.length);
    leaf.bytes[0] = 0;
    this.#leaves.ascii(sha256(leaf.view()));
    this.#size += 1;
  }
}
