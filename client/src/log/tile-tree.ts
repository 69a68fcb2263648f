/** A log's Merkle tree as its tiles show it: proofs are put together from them, nothing is believed that does not verify afterwards. */
import { nodeHash, tilePath, tileWidth, widthInTree } from '@rivulet/verifier';

/** The bytes of a tile by its path, null when there is none. */
export type ReadTile = (path: string) => Promise<Uint8Array | null>;

/** A tile that should be there is missing or cut short. */
export class TileMissing extends Error {
  override name = 'TileMissing';
}

export class TileTree {
  readonly #read: ReadTile;
  readonly #size: number;
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  /** @param size of a published checkpoint */
  constructor(read: ReadTile, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** RFC 6962 section 2.1.2: that the first `size` leaves are the beginning of this tree. @param size 1 to the tree's. */
  consistency(size: number): Promise<Uint8Array[]> {
    return this.#subproof(size, 0, this.#size, true);
  }

  /** The leaf hashes `first … last`, side by side. */
  async leaves(first: number, last: number): Promise<Uint8Array> {
    const leaves = new Uint8Array((last - first + 1) * 32);
    for (let n = Math.floor(first / tileWidth); n * tileWidth <= last; n += 1) {
      const tile = await this.#tile(0, n);
      const from = Math.max(first, n * tileWidth);
      const to = Math.min(last, n * tileWidth + tileWidth - 1);
      leaves.set(tile.subarray((from - n * tileWidth) * 32, (to - n * tileWidth + 1) * 32), (from - first) * 32);
    }
    return leaves;
  }

  async #subproof(size: number, start: number, end: number, whole: boolean): Promise<Uint8Array[]> {
    if (size === end - start) return whole ? [] : [await this.#hash(start, end)];
    const half = largestPowerBelow(end - start);
    const middle = start + half;
    return size <= half
      ? [...(await this.#subproof(size, start, middle, whole)), await this.#hash(middle, end)]
      : [...(await this.#subproof(size - half, middle, end, false)), await this.#hash(start, middle)];
  }

  /** Hash of the leaves [start, end). */
  async #hash(start: number, end: number): Promise<Uint8Array> {
    const leaves = end - start;
    const half = largestPowerBelow(leaves);
    if (half * 2 === leaves || leaves === 1) return this.#complete(start, leaves);
    return nodeHash(await this.#hash(start, start + half), await this.#hash(start + half, end));
  }

  /** Hash of a complete subtree, from the lowest tile that holds it whole. @param leaves a power of two that divides `start` */
  async #complete(start: number, leaves: number): Promise<Uint8Array> {
    let level = 0;
    let under = 1;
    while (under * tileWidth <= leaves) {
      level += 1;
      under *= tileWidth;
    }
    const first = start / under;
    const tile = await this.#tile(level, Math.floor(first / tileWidth));
    const at = first % tileWidth;
    let hashes = Array.from({ length: leaves / under }, (_, i) => tile.subarray((at + i) * 32, (at + i + 1) * 32));
    while (hashes.length > 1) hashes = pairs(hashes);
    return hashes[0] as Uint8Array;
  }

  #tile(level: number, n: number): Promise<Uint8Array> {
    const width = widthInTree(level, n, this.#size);
    const path = tilePath(level, n, width);
    let tile = this.#tiles.get(path);
    if (tile === undefined) {
      tile = this.#fetch(path, level, n, width);
      this.#tiles.set(path, tile);
    }
    return tile;
  }

  /** A partial tile may be gone once the full one is there; its hashes are the full one's first. */
  async #fetch(path: string, level: number, n: number, width: number): Promise<Uint8Array> {
    const bytes = (await this.#read(path)) ?? (width < tileWidth ? await this.#read(tilePath(level, n)) : null);
    if (bytes === null || bytes.length < width * 32) throw new TileMissing(path);
    return bytes.subarray(0, width * 32);
  }
}

function pairs(hashes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < hashes.length; i += 2) above.push(nodeHash(hashes[i] as Uint8Array, hashes[i + 1] as Uint8Array));
  return above;
}

/** The largest power of two smaller than `count`; 1 for 1. */
function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
