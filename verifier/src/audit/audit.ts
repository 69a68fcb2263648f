/**
 * The whole audit of a log, exactly to one checkpoint: every entry against its leaf, every tile and the root against the entries, every rule
 * by replay, every signature, the site's public totals, other checkpoints seen. It stops at the first thing that is wrong and names it.
 * Memory: some bundles ahead, one tile a level, accounts, and 36 bytes a move.
 */
import { equalBytes } from '../bytes.ts';
import { Failure, locate, NoteError } from '../failure.ts';
import { checkConsistency, rolledBack } from '../proof/consistency.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../proof/signed-checkpoint.ts';
import { Replay } from '../replay/replay.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { formatVerifierKey, type VerifierKey } from '../tlog/note.ts';
import { type LogSource, readTile } from '../tlog/source.ts';
import { hashBytes, tilePath, tileWidth } from '../tlog/tile.ts';
import { TileTree } from '../tlog/tile-tree.ts';
import { GrowingTree } from '../tlog/tree.ts';
import { checkedBundles } from './bundles.ts';
import { readText } from './find-log.ts';
import { compareTotals, readShownTotals, type ShownTotals } from './public-totals.ts';
import { type NamedNote, tryVerify, verifyChain } from './trust.ts';

export interface Progress {
  /** Entries checked, of `size`. */
  readonly done: number;
  readonly size: number;
  readonly bytes: number;
}

export interface AuditOptions {
  /** Believed by the user; keys that the log announces under them are believed too. */
  readonly keys: readonly VerifierKey[];
  /** The checkpoint to audit to; the newest published one by default. */
  readonly checkpoint?: NamedNote;
  /** Checkpoints kept from earlier: each must belong to the same history. */
  readonly seen?: readonly NamedNote[];
  /** The site whose public totals are compared. */
  readonly site?: LogSource;
  /** Bundles fetched at once; 32 by default. */
  readonly ahead?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface AuditReport {
  readonly checkpoint: SignedCheckpoint;
  /** Published when the audit ended. */
  readonly newest: SignedCheckpoint;
  readonly replay: Replay;
  /** Bytes of entries, framing included. */
  readonly bytes: number;
  readonly tiles: number;
  /** Names of the checkpoints in `seen`, all consistent. */
  readonly seen: readonly string[];
  /** Public totals compared, with the size at which they were. */
  readonly shown: readonly { path: string; logSize: number }[];
  /** Public totals that this audit could not reach: they are of a size beyond the checkpoint. */
  readonly notShown: readonly { path: string; logSize: number }[];
  /** The most reversals behind any one unit. */
  readonly longestChain: number;
}

/** @throws Failure naming what is wrong and where; Unreachable when something could not be read */
export async function audit(log: LogSource, options: AuditOptions): Promise<AuditReport> {
  // Totals first, so that they are of a size that the checkpoint, read after them, covers.
  const totals = options.site ? await readShownTotals(options.site) : [];
  const published = { name: 'checkpoint', note: await readText(log, 'checkpoint') };
  const { size } = locate(published.name, () => parseCheckpoint(published.note));
  const source: LogSource = { name: log.name, size, read: (path, maxBytes) => log.read(path, maxBytes) };
  const named = options.checkpoint ?? published;
  const seen = options.seen ?? [];
  mayBeSigned(named, seen, options.keys);
  refuseOldCopy(size, [named, ...seen], options.keys);
  const target = locate(named.name, () => parseCheckpoint(named.note));
  const within = totals.filter(({ logSize }) => logSize <= target.size);
  const replayed = await replayLog(source, target, within, options);
  const newest = { name: 'checkpoint', note: await readText(source, 'checkpoint') };
  const notes = [named, ...seen, newest];
  for (const note of notes) await sameHistory(source, target, note, options.keys);
  const signed = verifyChain(notes, options.keys, replayed.replay.keys);
  refuseRollback(signed, notes);
  refuseRetired(signed, notes, replayed.replay.retired);
  return {
    ...replayed,
    checkpoint: signed[0] as SignedCheckpoint,
    newest: signed.at(-1) as SignedCheckpoint,
    seen: seen.map(({ name }) => name),
    shown: within.map(({ path, logSize }) => ({ path, logSize })),
    notShown: totals.filter((shown) => !within.includes(shown)).map(({ path, logSize }) => ({ path, logSize })),
    longestChain: replayed.replay.positions.longestChain(),
  };
}

/** Hashes and replays everything to `target`. Its signature is checked for good only afterwards: keys may be announced inside. */
async function replayLog(
  source: LogSource,
  target: Checkpoint,
  totals: readonly ShownTotals[],
  { ahead = 32, onProgress }: AuditOptions,
): Promise<Pick<AuditReport, 'replay' | 'bytes' | 'tiles'>> {
  const replay = new Replay();
  const tiles = new TileCheck(source);
  const tree = new GrowingTree((level, n, hashes) => tiles.expect(level, n, hashes));
  let bytes = 0;
  const compareAt = (size: number) => {
    for (const shown of totals) if (shown.logSize === size) compareTotals(shown, replay);
  };
  compareAt(0);
  for await (const bundle of checkedBundles(source, new TileTree(source, target.size, target.root), ahead)) {
    const first = bundle.n * tileWidth;
    for (let i = 0; i < bundle.entries.length; i++) {
      replay.apply(first + i, bundle.entries[i] as Uint8Array, { hashes: bundle.leaves, at: i * hashBytes });
      compareAt(first + i + 1);
    }
    tree.append(bundle.leaves);
    await tiles.settle();
    bytes += bundle.bytes;
    onProgress?.({ done: replay.size, size: target.size, bytes });
  }
  const root = tree.close();
  await tiles.settle();
  if (!equalBytes(root, target.root)) {
    const en = 'the entries and tiles agree with one another, but make another root than the checkpoint has';
    throw new Failure('tree.root', en, '条目与瓦片彼此相符，但得出的根哈希与检查点不同', 'checkpoint');
  }
  if (replay.opened && replay.opened.origin !== target.origin) {
    const en = `the log opened as ${replay.opened.origin}`;
    throw new Failure('open.origin', en, `日志开启时的来源名为 ${replay.opened.origin}`, 'entry 0');
  }
  return { replay, bytes, tiles: tiles.count };
}

/** Tiles above the leaves, as published, against those that the entries make. */
class TileCheck {
  count = 0;
  readonly #source: LogSource;
  #pending: Promise<void>[] = [];

  constructor(source: LogSource) {
    this.#source = source;
  }

  expect(level: number, n: number, hashes: Uint8Array): void {
    this.count++;
    // Leaf tiles were compared with their bundle.
    if (level > 0) this.#pending.push(this.#compare(level, n, new Uint8Array(hashes)));
  }

  async settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(pending);
  }

  async #compare(level: number, n: number, hashes: Uint8Array): Promise<void> {
    const width = hashes.length / hashBytes;
    if (equalBytes(await readTile(this.#source, level, n, width), hashes)) return;
    const en = 'the tile does not have the hashes that the entries below it make';
    throw new Failure('tile.differs', en, '瓦片的哈希与其下条目得出的不同', tilePath(level, n, width));
  }
}

/** Fails before the long work when it would fail after it: nothing could make a believed key out of the one that signed. */
function mayBeSigned(named: NamedNote, seen: readonly NamedNote[], keys: readonly VerifierKey[]): void {
  const isSigned = ({ note }: NamedNote) => !(tryVerify(note, keys) instanceof NoteError);
  const failure = tryVerify(named.note, keys);
  if (failure instanceof NoteError && !(failure.rule === 'note.unsigned' && seen.some(isSigned))) {
    throw failure.at(named.name);
  }
}

/** Fails before the long work, which would find the tiles of the larger tree missing. */
function refuseOldCopy(published: number, notes: readonly NamedNote[], keys: readonly VerifierKey[]): void {
  for (const { name, note } of notes) {
    const { size } = locate(name, () => parseCheckpoint(note));
    if (size <= published) continue;
    locate(name, () => verifyCheckpoint(note, keys));
    throw rolledBack(size, published).at(name);
  }
}

/** @throws Failure `log.fork` at the other checkpoint's name, once it is sure that a believed key signed that one */
async function sameHistory(
  source: LogSource,
  target: Checkpoint,
  { name, note }: NamedNote,
  keys: readonly VerifierKey[],
): Promise<void> {
  try {
    await checkConsistency(
      target,
      locate(name, () => parseCheckpoint(note)),
      source,
    );
  } catch (error) {
    if (error instanceof Failure && error.rule === 'log.fork') {
      locate(name, () => verifyCheckpoint(note, keys));
      throw error.at(name);
    }
    throw error;
  }
}

function refuseRollback(signed: readonly SignedCheckpoint[], notes: readonly NamedNote[]): void {
  const newest = signed.at(-1)?.size ?? 0;
  for (const [i, { size }] of signed.entries()) {
    if (size > newest) throw rolledBack(size, newest).at(notes[i]?.name ?? '');
  }
}

/** A key that the log itself has retired signs no more of it: whoever holds it still is somebody else. */
function refuseRetired(
  signed: readonly SignedCheckpoint[],
  notes: readonly NamedNote[],
  retired: ReadonlyMap<string, number>,
): void {
  for (const [i, { size, key }] of signed.entries()) {
    const at = retired.get(formatVerifierKey(key));
    if (at === undefined || size <= at) continue;
    const en = `it is signed by a key that entry ${at} retired`;
    throw new Failure('key.retired', en, `签名的密钥已由条目 ${at} 停用`, notes[i]?.name ?? '');
  }
}
