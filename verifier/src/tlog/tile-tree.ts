/** A signed tree, read from its tiles. Every hash handed out was checked against the root: the right edge at first use, each full tile by its parent. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type LogSource, readTile } from './source.ts';
import { hashBytes, tilePath, tileWidth, widthInTree } from './tile.ts';
import { rootOf, rootOfEdge } from './tree.ts';

/** Tiles kept in memory, 8 KiB each. */
const maxKept = 4096;

export class TileTree {
  readonly size: number;
  readonly root: Uint8Array;
  readonly #source: LogSource;
  readonly #tiles = new Map<string, Promise<Uint8Array>>();
  #edge: Promise<Uint8Array[]> | undefined;

  /** @param size and @param root of a checkpoint whose signature the caller trusts */
  constructor(source: LogSource, size: number, root: Uint8Array) {
    this.#source = source;
    this.size = size;
    this.root = root;
  }

  /**
   * Root of the full subtree of 2^height leaves that is the n-th at its height; it must lie within the tree.
   * @throws Failure `tile.differs`, `tree.root`, and those of readTile
   */
  async hash(height: number, n: number): Promise<Uint8Array> {
    // A tile holds the heights 8L … 8L + 7; the root of a full one is the first hash of its parent's.
    const level = Math.floor(height / 8);
    const width = 2 ** (height % 8);
    const first = n * width;
    if ((n + 1) * 2 ** height > this.size)
      throw new RangeError(`subtree ${height}/${n} is not in a tree of ${this.size}`);
    const tile = await this.tile(level, Math.floor(first / tileWidth));
    const at = (first % tileWidth) * hashBytes;
    return rootOf(tile.subarray(at, at + width * hashBytes));
  }

  /** The tile as it stands in this tree, checked. @throws Failure */
  async tile(level: number, n: number): Promise<Uint8Array> {
    const width = widthInTree(level, n, this.size);
    if (width === 0) throw new RangeError(`tile ${level}/${n} is not in a tree of ${this.size}`);
    if (width < tileWidth) return (await this.#rightEdge())[level] as Uint8Array;
    const path = tilePath(level, n);
    const kept = this.#tiles.get(path);
    if (kept) return kept;
    const tile = this.#checkedTile(level, n, path);
    this.#tiles.set(path, tile);
    tile.catch(() => this.#tiles.delete(path));
    const oldest = this.#tiles.size > maxKept ? this.#tiles.keys().next().value : undefined;
    if (oldest !== undefined) this.#tiles.delete(oldest);
    return tile;
  }

  async #checkedTile(level: number, n: number, path: string): Promise<Uint8Array> {
    const [tile, parent] = await Promise.all([
      readTile(this.#source, level, n, tileWidth),
      this.tile(level + 1, Math.floor(n / tileWidth)),
    ]);
    const at = (n % tileWidth) * hashBytes;
    if (equalBytes(rootOf(tile), parent.subarray(at, at + hashBytes))) return tile;
    const en = 'the tile does not have the hash that the tile above says';
    throw new Failure('tile.differs', en, '瓦片的哈希与上一层瓦片所记不符', path);
  }

  /** The partial tile of each level: together they make the root. */
  #rightEdge(): Promise<Uint8Array[]> {
    this.#edge ??= this.#readRightEdge();
    return this.#edge;
  }

  async #readRightEdge(): Promise<Uint8Array[]> {
    const reads: Promise<Uint8Array>[] = [];
    const paths: string[] = [];
    for (let level = 0; tileWidth ** level <= this.size; level++) {
      const hashes = Math.floor(this.size / tileWidth ** level);
      const width = hashes % tileWidth;
      const n = Math.floor(hashes / tileWidth);
      if (width > 0) paths.push(tilePath(level, n, width));
      reads.push(width > 0 ? readTile(this.#source, level, n, width) : Promise.resolve(new Uint8Array(0)));
    }
    const edge = await Promise.all(reads);
    if (equalBytes(rootOfEdge(edge), this.root)) return edge;
    const en = `the tiles of the right edge do not make the root of the checkpoint of size ${this.size}`;
    const zh = `右缘瓦片得不出大小为 ${this.size} 的检查点的根哈希`;
    throw new Failure('tree.root', en, zh, paths.join(' '));
  }
}
