/** Hashes and replays a log to one size, from its beginning or from a close: every entry, every tile, the root. It knows no signatures. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { Replay } from '../replay/replay.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { type LogSource, readTile } from '../tlog/source.ts';
import { hashBytes, tilePath, tileWidth } from '../tlog/tile.ts';
import { TileTree } from '../tlog/tile-tree.ts';
import { GrowingTree, type OnTile } from '../tlog/tree.ts';
import { type CheckedBundle, checkedBundles, checkedEntry } from './bundles.ts';

export interface Progress {
  /** Entries checked, of `size`, both counted from where the audit began. */
  readonly done: number;
  readonly size: number;
  readonly bytes: number;
}

export interface ReplayLogOptions {
  /** Bundles fetched at once; 32 by default. */
  readonly ahead?: number;
  /** False: leaf tiles, half of all requests, are not fetched. Every entry is still held to the signed tree; those tiles as published are not. */
  readonly leafTiles?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with every size that the replay passes, its beginning and its end among them. */
  readonly onSize?: (size: number) => void;
}

/**
 * @param replay a new one, or one resumed from the state of a close
 * @param target whose signature the caller checks
 * @throws Failure naming what is wrong and where; Unreachable
 */
export async function replayLog(
  source: LogSource,
  target: Checkpoint,
  replay: Replay,
  { ahead = 32, leafTiles = true, onProgress, onSize }: ReplayLogOptions = {},
): Promise<{ bytes: number; tiles: number }> {
  const signed = new TileTree(source, target.size, target.root);
  const tiles = new TileCheck(source);
  const { start } = replay;
  const firstBundle = Math.floor(start / tileWidth);
  const tree = await treeAt(signed, firstBundle * tileWidth, (level, n, hashes) => tiles.expect(level, n, hashes));
  let bytes = 0;
  onSize?.(start);
  for await (const bundle of checkedBundles(source, signed, { ahead, first: firstBundle, leafTiles })) {
    if (start > 0) await recallMoves(replay, bundle, source, signed);
    applyBundle(replay, bundle, onSize);
    tree.append(bundle.leaves, bundle.root);
    await tiles.settle();
    bytes += bundle.bytes;
    onProgress?.({ done: replay.size - start, size: target.size - start, bytes });
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
  return { bytes, tiles: tiles.count };
}

function applyBundle(replay: Replay, { n, entries, leaves }: CheckedBundle, onSize?: (size: number) => void): void {
  const first = n * tileWidth;
  for (let i = Math.max(0, replay.start - first); i < entries.length; i++) {
    replay.apply(first + i, entries[i] as Uint8Array, { hashes: leaves, at: i * hashBytes });
    onSize?.(first + i + 1);
  }
}

/** What the bundle takes back of moves from before the beginning, those are read again; the state says what was declared of them. */
async function recallMoves(
  replay: Replay,
  { entries }: CheckedBundle,
  source: LogSource,
  signed: TileTree,
): Promise<void> {
  for (const index of new Set(entries.flatMap((entry) => replay.missing(entry)))) {
    replay.recall(index, await checkedEntry(source, signed, index));
  }
}

/** The tree of the first `size` leaves, from tiles that the signed root vouches for. */
async function treeAt(signed: TileTree, size: number, onTile: OnTile): Promise<GrowingTree> {
  const open: Uint8Array[] = [];
  for (let level = 0; tileWidth ** level <= size; level++) {
    const hashes = Math.floor(size / tileWidth ** level);
    const used = (hashes % tileWidth) * hashBytes;
    const tile = used === 0 ? new Uint8Array(0) : await signed.tile(level, Math.floor(hashes / tileWidth));
    open.push(tile.subarray(0, used));
  }
  return GrowingTree.from(size, open, onTile);
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
