/** A log's bundles in order with their leaf tiles, some of them fetched ahead. Each entry of each is checked against its leaf hash. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { leafHash } from '../tlog/merkle.ts';
import { type LogSource, readBundle, readTile } from '../tlog/source.ts';
import { hashBytes, leafTile, maxTileBytes, tilePath, tileWidth, widthInTree } from '../tlog/tile.ts';
import { TileTree } from '../tlog/tile-tree.ts';
import { rootOf } from '../tlog/tree.ts';

export interface CheckedBundle {
  readonly n: number;
  readonly entries: readonly Uint8Array[];
  /** Leaf hashes side by side. */
  readonly leaves: Uint8Array;
  /** Root over them. */
  readonly root: Uint8Array;
  readonly bytes: number;
}

export interface BundleOptions {
  /** How many bundles to fetch at once; bounds memory. */
  readonly ahead: number;
  /** Number of the first bundle. */
  readonly first?: number;
  /** False: leaf tiles are not fetched, and the tiles above them say whether a bundle is what was signed. */
  readonly leafTiles?: boolean;
}

/**
 * @param tree of the size that is audited
 * @throws Failure `bundle.differs` or `tile.differs`, naming the one that the signed tree contradicts
 */
export async function* checkedBundles(
  source: LogSource,
  tree: TileTree,
  { ahead, first = 0, leafTiles = true }: BundleOptions,
): AsyncGenerator<CheckedBundle> {
  const count = Math.ceil(tree.size / tileWidth);
  const fetched: Promise<Fetched>[] = [];
  for (let n = first, next = first; n < count; n++) {
    for (; next < count && next < n + ahead; next++) {
      const both = fetchBoth(source, next, widthInTree(0, next, tree.size), leafTiles);
      // Its failure is reported when its turn comes, not before.
      both.catch(() => {});
      fetched.push(both);
    }
    const [bundle, tile] = await (fetched.shift() as Promise<Fetched>);
    const leaves = leafTile(bundle.bytes);
    const root = rootOf(leaves);
    if (tile ? !equalBytes(leaves, tile) : !(await isInTree(tree, n, leaves, root))) {
      throw await whichIsWrong(source, tree, n, leaves, tile ?? (await readTile(source, 0, n, bundle.entries.length)));
    }
    yield { n, entries: bundle.entries, leaves, root, bytes: bundle.bytes.length };
  }
}

/** Are these the leaf hashes that the signed tree has in tile `n`? Only the tiles above are asked, for a full one. */
async function isInTree(tree: TileTree, n: number, leaves: Uint8Array, root: Uint8Array): Promise<boolean> {
  if (leaves.length < maxTileBytes) return equalBytes(leaves, await tree.tile(0, n));
  const above = await tree.tile(1, Math.floor(n / tileWidth));
  const at = (n % tileWidth) * hashBytes;
  return equalBytes(root, above.subarray(at, at + hashBytes));
}

/** One entry, checked against the signed tree. @throws Failure `bundle.differs` */
export async function checkedEntry(source: LogSource, tree: TileTree, index: number): Promise<Uint8Array> {
  const n = Math.floor(index / tileWidth);
  const width = widthInTree(0, n, tree.size);
  const [{ entries }, leaves] = await Promise.all([readBundle(source, n, width), tree.tile(0, n)]);
  const entry = entries[index % tileWidth] as Uint8Array;
  const at = (index % tileWidth) * hashBytes;
  if (equalBytes(leafHash(entry), leaves.subarray(at, at + hashBytes))) return entry;
  const en = `entry ${index} is not the one that the signed tree has`;
  throw new Failure('bundle.differs', en, `条目 ${index} 与已签名的树不符`, tilePath('entries', n, width));
}

type Fetched = [bundle: Awaited<ReturnType<typeof readBundle>>, leaves: Uint8Array | undefined];

function fetchBoth(source: LogSource, n: number, width: number, leafTiles: boolean): Promise<Fetched> {
  return Promise.all([readBundle(source, n, width), leafTiles ? readTile(source, 0, n, width) : undefined]);
}

/** The bundle and the tile disagree; the signed root says which of them is not what was signed. */
async function whichIsWrong(
  source: LogSource,
  tree: TileTree,
  n: number,
  leaves: Uint8Array,
  tile: Uint8Array,
): Promise<Failure> {
  const width = widthInTree(0, n, tree.size);
  const path = tilePath(0, n, width);
  const bundlePath = tilePath('entries', n, width);
  if (equalBytes(leaves, tile)) {
    const en = `neither it nor ${path}, which agree, is what the signed tree has`;
    return new Failure('bundle.differs', en, `与 ${path} 彼此相符，但均非已签名的树所载`, bundlePath);
  }
  let at = 0;
  while (equalBytes(leaves.subarray(at, at + hashBytes), tile.subarray(at, at + hashBytes))) at += hashBytes;
  const index = n * tileWidth + at / hashBytes;
  const isSigned = async (hashes: Uint8Array) => {
    const read = async (name: string, max: number) => (name === path ? hashes : source.read(name, max));
    try {
      await new TileTree({ ...source, read }, tree.size, tree.root).tile(0, n);
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  };
  if (await isSigned(leaves)) {
    const en = `the hash of entry ${index} is not the one that the signed tree has`;
    return new Failure('tile.differs', en, `条目 ${index} 的哈希与已签名的树不符`, path);
  }
  const [en, zh] = (await isSigned(tile))
    ? ['is not the one that the signed tree has', '与已签名的树不符']
    : [
        `does not have the hash that ${path} says, and neither is what was signed`,
        `的哈希与 ${path} 所记不符，且两者均非所签`,
      ];
  return new Failure('bundle.differs', `entry ${index} ${en}`, `条目 ${index} ${zh}`, bundlePath);
}
