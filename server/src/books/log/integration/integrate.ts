/**
 * Integration of one book: from the committed batches to a published checkpoint. A pass is the same page at the first start, in normal running
 * and after any crash: look at what stands, check that it is one history, finish what was begun, then hash, write, sign, publish.
 */

import { equalBytes, type VerifierKey } from '@rivulet/verifier';
import type { Client } from 'pg';
import { Fault } from '#base/fault';
import { type FaultPoints, noFaults } from '../fault-points.ts';
import type { BookRow } from '../head-store.ts';
import { type LogKeys, signCheckpoint } from '../keys/sign.ts';
import { type LogFiles, LogStopped } from '../log-files.ts';
import { Tree } from '../tree.ts';
import { HandedBatches } from './handed-batches.ts';
import * as store from './integration-store.ts';
import { checkNeverFork, type History, openCheckpoint, type Standing } from './never-fork.ts';

export interface IntegratorOptions {
  readonly book: BookRow;
  readonly keys: LogKeys;
  /** Keys that signed before a rotation. */
  readonly retired?: readonly VerifierKey[];
  readonly files: LogFiles;
  connect(): Promise<Client>;
  now?(): Date;
  /** How old a signature may get while the log stands still before its cosignature is renewed. */
  readonly renewMs?: number;
  /** What one pass takes on at most. */
  readonly maxRows?: number;
  readonly maxBytes?: number;
  /** Integrated batches older than this are deleted; the tiles hold them. */
  readonly keepBatchesMs?: number;
  /** False only in tests that race two integrators: the lock is politeness, the compare-and-swap is what keeps them apart. */
  readonly takesLock?: boolean;
  readonly faults?: FaultPoints;
}

export interface Pass {
  /** The checkpoint that is published now. */
  readonly size: number;
  readonly note: string;
  readonly signedAt: Date;
  /** Committed head when the pass began. */
  readonly head: number;
  /** When the oldest entry beyond `size` was accepted, or null when there is none or it is not known. */
  readonly waitingSince: Date | null;
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
}

const defaults = { renewMs: 3000, maxRows: 4096, maxBytes: 16 * 1024 * 1024, keepBatchesMs: 300_000, takesLock: true };
const pruneEveryMs = 30_000;

export class Integrator {
  readonly #options: IntegratorOptions & typeof defaults & { now(): Date; faults: FaultPoints };
  #client: Client | null = null;
  #tree: Tree | null = null;
  readonly #handed = new HandedBatches();
  #trusted: string | null = null;
  #prunedAt = 0;

  constructor(options: IntegratorOptions) {
    this.#options = { ...defaults, now: () => new Date(), faults: noFaults, ...options };
  }

  /**
   * One pass. Afterwards everything it read is durable in the tile store, signed and published.
   * @returns null when another process integrates this book
   * @throws LogStopped when the book must stop; anything else passes, and the next pass takes up where this one was
   */
  async pass(): Promise<Pass | null> {
    try {
      const client = this.#client ?? (await this.#connect());
      return client === null ? null : await this.#pass(client);
    } catch (error) {
      // What failed may have happened or not: nothing in memory is trusted, the next pass looks again.
      await this.close();
      throw error;
    }
  }

  /** Takes over a batch that was committed, so that it need not be read. */
  hand(batch: store.StoredBatch): void {
    this.#handed.add(batch);
  }

  /** Lets go of the connection and of the lock with it. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#tree = null;
    await client?.end().catch(() => {});
  }

  async #pass(client: Client): Promise<Pass> {
    // Taken before we look: at this time the log was no larger than what we are about to see.
    const now = this.#options.now();
    const standing = await this.#look(client);
    await checkNeverFork(standing, this.#history());
    const { signed } = standing;
    this.#trusted = signed?.note ?? null;
    this.#tree = await this.#treeAt(signed, standing);
    // A crash after the signature moved left it unpublished. It is published before anything else is signed.
    if (signed !== null) await this.#publish(signed.note, standing);

    const batches = await this.#batchesFrom(client, signed?.size ?? 0, standing.head);
    if (signed !== null && batches.length === 0 && now.getTime() - signed.signedAt.getTime() < this.#options.renewMs) {
      this.#expectNoGap(standing, signed.size);
      await this.#prune(client, signed.size, now);
      return { ...summary(signed, standing.head), waitingSince: null, entries: 0, files: 0, bytes: 0 };
    }
    const tree = this.#grow(this.#tree, batches);
    const grown = tree.size > (signed?.size ?? 0);
    this.#expectNoGap(standing, grown ? standing.head : tree.size);

    const files = tree.takeFiles();
    // A crash while these are written leaves some of them, whole, beyond the signed size. They follow from the committed batches alone, so the
    // next pass writes the same bytes again, or more of them; nobody is told of them before the checkpoint.
    await this.#options.files.create(files);

    const next = this.#sign(tree, signed, now);
    await this.#swap(client, signed, next);
    // A crash here leaves the signature in the database only: nobody has seen it, and the next pass publishes it.
    await this.#publish(next.note, standing);
    await this.#prune(client, next.size, now);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const waitingSince = tree.size < standing.head ? (batches.at(-1)?.acceptedAt ?? null) : null;
    return {
      ...summary(next, standing.head),
      waitingSince,
      entries: next.size - (signed?.size ?? 0),
      files: files.length,
      bytes,
    };
  }

  /** As the writer handed them over, else as it left them in the database. */
  async #batchesFrom(client: Client, from: number, head: number): Promise<readonly store.StoredBatch[]> {
    if (head <= from) return [];
    const handed = this.#handed.take(from, head, this.#options.maxBytes);
    if (handed.length > 0) return handed;
    return await store.readBatches(client, this.#options.book.bookId, from, this.#options);
  }

  async #connect(): Promise<Client | null> {
    const client = await this.#options.connect();
    client.on('error', () => {});
    this.#client = client;
    if (!this.#options.takesLock || (await store.tryIntegrationLock(client, this.#options.book.bookId))) return client;
    await this.close();
    return null;
  }

  async #look(client: Client): Promise<Standing> {
    const { book, files } = this.#options;
    // The files first: whatever they say was signed before, so the database, read after them, must know of it.
    const [published, guard] = [await files.published(), await files.guard()];
    const database = await store.readState(client, book.bookId);
    if (database === null) throw new LogStopped('missing', 'log.head', `book ${book.book} has no head in the database`);
    if (database.closed) throw this.#closed(published, database.signed);
    return { ...database, published, guard };
  }

  /** Names the head when the database is that of the checkpoint, so that it may still be read, else its signed state. */
  #closed(published: string | null, signed: store.SignedState | null): LogStopped {
    const { book, files } = this.#options;
    const last = published === null ? null : openCheckpoint(published, files.checkpointPath, this.#history());
    const agrees =
      last?.size === signed?.size && (last === null || signed === null || equalBytes(last.root, signed.root));
    return new LogStopped(
      'closed',
      agrees ? 'log.head' : 'log.signed',
      `book ${book.book} is closed at its published size`,
    );
  }

  #history(): History {
    const { book, keys, retired = [], files } = this.#options;
    return {
      book: book.book,
      origin: book.origin,
      keys: [keys.log.verifier, ...retired],
      checkpointPath: files.checkpointPath,
      guardPath: files.guardPath,
      trusted: this.#trusted,
      rootAt: async (size) => (await Tree.load(size, (path) => files.read(path))).root(),
    };
  }

  /** The tree at the signed size, from memory or from the tile store: from the store also when its checkpoint is gone, for then more may be. */
  async #treeAt(signed: store.SignedState | null, { published }: Standing): Promise<Tree> {
    if (signed === null) return Tree.empty();
    const kept = published === null ? null : this.#tree;
    if (kept?.size === signed.size && kept.root().equals(signed.root)) return kept;
    const tree = await Tree.load(signed.size, (path) => this.#options.files.read(path));
    if (!tree.root().equals(signed.root)) {
      const { place } = this.#options.files;
      throw new LogStopped(
        'forked',
        place,
        `the tiles in ${place} have another root at size ${signed.size} than signed`,
      );
    }
    return tree;
  }

  #grow(tree: Tree, batches: readonly store.StoredBatch[]): Tree {
    // While it grows it is neither what is signed nor what is written: a failure from here on throws it away.
    this.#tree = null;
    for (const batch of batches) {
      if (batch.first > tree.size) break;
      appendBatch(tree, batch, `log.batch ${batch.first} of book ${this.#options.book.book}`);
    }
    return tree;
  }

  #expectNoGap({ head }: Standing, reached: number): void {
    if (reached >= head) return;
    const place = `log.batch of book ${this.#options.book.book}`;
    throw new LogStopped('missing', place, `${place}: no row holds entry ${reached}, and the head is ${head}`);
  }

  #sign(tree: Tree, signed: store.SignedState | null, now: Date): store.SignedState {
    const root = tree.root();
    // The time of a witness never goes back, even when the clock does.
    const signedAt = new Date(Math.max(now.getTime(), signed?.signedAt.getTime() ?? 0));
    const seconds = Math.floor(signedAt.getTime() / 1000);
    const note = signCheckpoint(this.#options.book.origin, tree.size, root, seconds, this.#options.keys);
    this.#tree = tree;
    this.#trusted = note;
    return { size: tree.size, root, note, signedAt };
  }

  async #swap(client: Client, old: store.SignedState | null, next: store.SignedState): Promise<void> {
    this.#options.faults.reach('signed.swap', 'before');
    if (!(await store.swapSigned(client, this.#options.book.bookId, old, next))) {
      throw new Fault('signed_elsewhere', 'another process has signed this book meanwhile');
    }
    this.#options.faults.reach('signed.swap', 'after');
  }

  /** Guard first, then the world: whoever has seen a checkpoint can count on the guard knowing of it. */
  async #publish(note: string, standing: Standing): Promise<void> {
    const { files, faults } = this.#options;
    if (standing.guard !== note) {
      faults.reach('guard.write', 'before');
      // A crash here leaves the old guard: smaller than the signed state, and a beginning of it.
      await files.writeGuard(note);
      faults.reach('guard.write', 'after');
    }
    if (standing.published === note) return;
    faults.reach('checkpoint.publish', 'before');
    // A crash here leaves the old checkpoint published; the next pass publishes this one.
    await files.publish(note);
    faults.reach('checkpoint.publish', 'after');
  }

  async #prune(client: Client, size: number, now: Date): Promise<void> {
    if (now.getTime() - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now.getTime();
    this.#options.faults.reach('batch.prune', 'before');
    // A crash here leaves rows that the next pruning deletes.
    const before = new Date(now.getTime() - this.#options.keepBatchesMs);
    await store.pruneBatches(client, this.#options.book.bookId, size, before);
    this.#options.faults.reach('batch.prune', 'after');
  }
}

function summary(signed: store.SignedState, head: number): Pick<Pass, 'size' | 'note' | 'signedAt' | 'head'> {
  return { size: signed.size, note: signed.note, signedAt: signed.signedAt, head };
}

/** Appends a batch, or its rest when it begins before the tree's end. @throws LogStopped `damaged` naming the row */
function appendBatch(tree: Tree, batch: store.StoredBatch, row: string): void {
  try {
    const skip = skipEntries(batch.entries, tree.size - batch.first);
    tree.append(batch.entries.subarray(skip), batch.next - tree.size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LogStopped('damaged', row, `${row} is damaged: ${error.message}`);
  }
}

function skipEntries(framed: Buffer, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 2 > framed.length) throw new RangeError('entries are missing');
    at += 2 + framed.readUInt16BE(at);
  }
  return at;
}
