/**
 * `rivulet book rescue`: the database was restored from before the published checkpoint. What the world has seen is in the bundles, so the rows
 * of the log come back from there, every one checked against the published root. What is not public (openings, keys, dedupe) cannot come
 * back: the window is marked, and intake stays closed until its sources have sent it again and it was matched.
 */
import {
  type Checkpoint,
  equalBytes,
  parseNote,
  TileTree,
  tileWidth,
  type VerifierKey,
  verifyNote,
} from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { Fault } from '#base/fault';
import type { BookRow } from '../head-store.ts';
import { readBatches, readState } from '../integration/integration-store.ts';
import { openCheckpoint } from '../integration/never-fork.ts';
import type { KeyEntry } from '../keys/log-keys.ts';
import { type LogFiles, LogStopped } from '../log-files.ts';
import { sourceOf } from '../prove.ts';
import { Tree } from '../tree.ts';
import * as store from './rescue-store.ts';
import { VerifiedBundles } from './verified-bundles.ts';

export interface RescuedEntries {
  readonly first: number;
  /** Exclusive. */
  readonly next: number;
  readonly entries: readonly Uint8Array[];
}

export interface RescueOptions {
  readonly book: BookRow;
  readonly files: LogFiles;
  /** A connection of its own: the rescue holds the book's locks on it. */
  readonly client: ClientBase;
  /** Log keys, present and retired, and the witness's. */
  readonly keys: readonly VerifierKey[];
  /**
   * Restores what follows from the entries beside the log (ledger, giving), in the rescue's transaction: called in log order, with at most
   * 256 entries a time, none left out. The rows before `first` are as they were.
   */
  restore(tx: ClientBase, entries: RescuedEntries): Promise<void>;
  /** Called once after the last entry, still in the transaction: an audit here undoes everything by throwing. */
  check?(tx: ClientBase): Promise<void>;
  onProgress?(done: number, total: number): void;
}

export interface RescueReport {
  /** Head that the database had. */
  readonly from: number;
  /** Published size: the head it has now, unless it was further already. */
  readonly to: number;
  /** Entries restored; 0 when only the signed state was behind, or nothing at all. */
  readonly restored: number;
  /** False: the database was not behind. */
  readonly wasBehind: boolean;
}

/**
 * Run with no server on the database. All or nothing: a crash before the commit leaves the database as it was.
 * @throws Fault `server_running`; LogStopped `forked` when the database has accepted other entries than were published (then the book can
 *   only be closed at its published size), `missing` or `damaged` naming a file that the rescue needs
 */
export async function rescueBook(options: RescueOptions): Promise<RescueReport> {
  const { book, client } = options;
  if (!(await store.tryRescueLocks(client, book.bookId))) {
    throw new Fault('server_running', `book ${book.book} is in use: stop the server first`);
  }
  const state = await readState(client, book.bookId);
  if (state === null) throw new LogStopped('missing', 'log.head', `book ${book.book} has no head in the database`);
  const { checkpoint, note } = await readTarget(options);
  const from = state.head;
  if (checkpoint.size <= (state.signed?.size ?? -1)) return { from, to: from, restored: 0, wasBehind: false };
  const tree = new TileTree(sourceOf(options.files), checkpoint.size, checkpoint.root);
  const bundles = new VerifiedBundles(options.files, tree);
  if (state.signed !== null) await checkOldRoot(options, state.signed.size, state.signed.root);
  await checkKeptRows(options, bundles, checkpoint.size);

  await client.query('begin');
  try {
    const restored = await restoreEntries(options, bundles, from, checkpoint.size);
    await store.setSigned(client, book.bookId, { ...checkpoint, note, signedAt: timeOf(note, options.keys) });
    await options.check?.(client);
    // A crash up to here leaves the database as it was. After the commit, the next start publishes what was signed and goes on.
    await client.query('commit');
    return { from, to: Math.max(from, checkpoint.size), restored, wasBehind: true };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** The furthest that the world, or the guard, has seen. */
async function readTarget({ book, files, keys }: RescueOptions): Promise<{ checkpoint: Checkpoint; note: string }> {
  const found: { checkpoint: Checkpoint; note: string }[] = [];
  for (const [path, note] of [
    [files.checkpointPath, await files.published()],
    [files.guardPath, await files.guard()],
  ] as const) {
    if (note !== null) found.push({ checkpoint: openCheckpoint(note, path, { origin: book.origin, keys }), note });
  }
  const furthest = found.sort((a, b) => b.checkpoint.size - a.checkpoint.size)[0];
  if (furthest === undefined) {
    throw new LogStopped('missing', files.checkpointPath, `${files.checkpointPath} and the guard are missing`);
  }
  return furthest;
}

/** What the database signed last must begin what was published. */
async function checkOldRoot({ book, files }: RescueOptions, size: number, root: Uint8Array): Promise<void> {
  const tree = await Tree.load(size, (path) => files.read(path));
  if (!equalBytes(tree.root(), root)) throw diverged(book, size);
}

/** Rows that the database kept must say what was published: otherwise it has gone on by itself, and there are two histories. */
async function checkKeptRows({ book, client }: RescueOptions, bundles: VerifiedBundles, size: number): Promise<void> {
  let at = 0;
  for (;;) {
    const batches = await readBatches(client, book.bookId, at, { maxRows: 1000, maxBytes: 16 * 1024 * 1024 });
    for (const batch of batches) {
      for (const [i, entry] of bundles.open(batch.entries).entries()) {
        const index = batch.first + i;
        if (index >= size) return;
        if (!equalBytes(await bundles.entry(index), entry)) throw diverged(book, index);
      }
      at = batch.next;
    }
    if (batches.length === 0 || at >= size) return;
  }
}

async function restoreEntries(
  options: RescueOptions,
  bundles: VerifiedBundles,
  from: number,
  to: number,
): Promise<number> {
  if (from >= to) return 0;
  const { book, client } = options;
  let lastTick: Date | null = null;
  for (let first = from; first < to; ) {
    const next = Math.min(to, (Math.floor(first / tileWidth) + 1) * tileWidth);
    const entries: Uint8Array[] = [];
    for (let index = first; index < next; index++) entries.push(await bundles.entry(index));
    await store.insertRescuedBatch(client, book.bookId, first, next, frame(entries));
    for (const [i, entry] of entries.entries()) lastTick = (await readOwn(options, first + i, entry)) ?? lastTick;
    await options.restore(client, { first, next, entries });
    options.onProgress?.(next - from, to - from);
    first = next;
  }
  if (!(await store.moveRescuedHead(client, book.bookId, from, to, lastTick))) {
    throw new Fault('server_running', `the head of book ${book.book} moved meanwhile: stop the server first`);
  }
  await store.addLostWindow(client, book.bookId, from, to);
  return to - from;
}

/** What the log itself keeps of an entry: the time of a tick, the state of a key. */
async function readOwn({ book, client }: RescueOptions, index: number, entry: Uint8Array): Promise<Date | null> {
  const text = Buffer.from(entry).toString();
  if (!text.includes('"kind":"log.')) return null;
  const said = JSON.parse(text) as { kind: string; time: string; key: string } & Pick<KeyEntry, 'role' | 'state'>;
  if (said.kind === 'log.key') {
    await store.addRescuedKey(client, book.bookId, index, { vkey: said.key, role: said.role, state: said.state });
  }
  return said.kind === 'log.tick' ? new Date(said.time) : null;
}

function frame(entries: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(2);
  return Buffer.concat(
    entries.flatMap((entry) => {
      length.writeUInt16BE(entry.length);
      return [Buffer.from(length), entry];
    }),
  );
}

/** When the witness saw this checkpoint; the past when it carries no cosignature of ours. */
function timeOf(note: string, keys: readonly VerifierKey[]): Date {
  const times = verifyNote(parseNote(note), keys).map(({ time }) => time ?? 0);
  return new Date(Math.max(...times) * 1000);
}

function diverged(book: BookRow, index: number): LogStopped {
  return new LogStopped(
    'forked',
    `index ${index}`,
    `the database of book ${book.book} has another entry at ${index} than was published: it went on after it was restored. ` +
      `Restore it anew without starting a server, or close the book: rivulet book rescue ${book.book} --close`,
  );
}
