/** Roots from hashes, and a tree that grows by leaf tiles keeping one open tile a level. */
import { concatBytes } from '../bytes.ts';
import { emptyRoot } from './merkle.ts';
import { sha256Into } from './sha256.ts';
import { hashBytes, maxTileBytes, tileWidth } from './tile.ts';

/**
 * Merkle root over hashes that lie side by side, at least one: pairs are hashed level by level and an odd last one moves up as it is, which is
 * the tree of RFC 6962. The last hash may stand for a smaller subtree than the others.
 */
export function rootOf(hashes: Uint8Array): Uint8Array {
  // Not slice(): a Node Buffer's is a view.
  const row = new Uint8Array(hashes);
  const node = new Uint8Array(1 + 2 * hashBytes);
  node[0] = 1;
  let count = row.length / hashBytes;
  for (; count > 1; count = Math.ceil(count / 2)) {
    for (let pair = 0; pair + 1 < count; pair += 2) {
      node.set(row.subarray(pair * hashBytes, (pair + 2) * hashBytes), 1);
      sha256Into(node, row, (pair / 2) * hashBytes);
    }
    if (count % 2 === 1) row.copyWithin(((count - 1) / 2) * hashBytes, (count - 1) * hashBytes, count * hashBytes);
  }
  return row.slice(0, hashBytes);
}

/** Root of a tree of any size from its right edge: the open tile of each level, level 0 first, empty where there is none. */
export function rootOfEdge(openTiles: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (const tile of openTiles) {
    if (tile.length > 0) root = rootOf(root ? concatBytes(tile, root) : tile);
  }
  return root ?? emptyRoot();
}

/** Called with each tile of the tree once, as soon as its last hash is known. */
export type OnTile = (level: number, n: number, hashes: Uint8Array) => void;

interface OpenTile {
  hashes: Uint8Array;
  used: number;
  n: number;
}

/** A tree that grows to the right. Memory: one tile a level. */
export class GrowingTree {
  readonly #levels: OpenTile[] = [];
  readonly #onTile: OnTile;

  constructor(onTile: OnTile = () => {}) {
    this.#onTile = onTile;
  }

  /**
   * The tree of `size` leaves, to grow on.
   * @param size a multiple of 256 @param openTiles the hashes that the last, unfinished tile of each level has; none where it has none yet
   */
  static from(size: number, openTiles: readonly Uint8Array[], onTile?: OnTile): GrowingTree {
    const tree = new GrowingTree(onTile);
    for (const [level, hashes] of openTiles.entries()) {
      const open = {
        hashes: new Uint8Array(maxTileBytes),
        used: hashes.length,
        n: Math.floor(size / tileWidth ** (level + 1)),
      };
      open.hashes.set(hashes);
      tree.#levels[level] = open;
    }
    return tree;
  }

  /**
   * @param leaves leaf hashes side by side; they must end at a tile's end, or be the tree's last
   * @param root over them, if the caller has it and they are a whole tile
   */
  append(leaves: Uint8Array, root?: Uint8Array): void {
    this.#append(0, leaves, leaves.length === maxTileBytes ? root : undefined);
  }

  #append(level: number, hashes: Uint8Array, root?: Uint8Array): void {
    this.#levels[level] ??= { hashes: new Uint8Array(maxTileBytes), used: 0, n: 0 };
    const open = this.#levels[level];
    open.hashes.set(hashes, open.used);
    open.used += hashes.length;
    if (open.used < maxTileBytes) return;
    this.#onTile(level, open.n, open.hashes);
    this.#append(level + 1, root ?? rootOf(open.hashes));
    open.used = 0;
    open.n++;
  }

  /** Reports the partial tiles of the right edge and returns the root. The tree is not to grow after this. */
  close(): Uint8Array {
    const edge = this.#levels.map((open) => open.hashes.subarray(0, open.used));
    for (const [level, hashes] of edge.entries()) {
      if (hashes.length > 0) this.#onTile(level, this.#levels[level]?.n ?? 0, hashes);
    }
    return rootOfEdge(edge);
  }
}
