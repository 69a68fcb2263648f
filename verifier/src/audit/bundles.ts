/** A log's bundles in order with their leaf tiles, some of them fetched ahead. Each entry of each is checked against its leaf hash. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { leafHash } from '../tlog/merkle.ts';
import { type LogSource, readBundle, readTile } from '../tlog/source.ts';
import { hashBytes, leafTile, tilePath, tileWidth, widthInTree } from '../tlog/tile.ts';
import { TileTree } from '../tlog/tile-tree.ts';

export interface CheckedBundle {
  readonly n: number;
  readonly entries: readonly Uint8Array[];
  /** Leaf hashes side by side. */
  readonly leaves: Uint8Array;
  readonly bytes: number;
}

/**
 * @param tree of the size that is audited
 * @param ahead how many bundles to fetch at once; bounds memory
 * @param first number of the first bundle
 * @throws Failure `bundle.differs` or `tile.differs`, naming the one that the signed tree contradicts
 */
export async function* checkedBundles(
  source: LogSource,
  tree: TileTree,
  ahead: number,
  first = 0,
): AsyncGenerator<CheckedBundle> {
  const count = Math.ceil(tree.size / tileWidth);
  const fetched: ReturnType<typeof fetchBoth>[] = [];
  for (let n = first, next = first; n < count; n++) {
    for (; next < count && next < n + ahead; next++) {
      const both = fetchBoth(source, next, widthInTree(0, next, tree.size));
      // Its failure is reported when its turn comes, not before.
      both.catch(() => {});
      fetched.push(both);
    }
    const [bundle, tile] = await (fetched.shift() as ReturnType<typeof fetchBoth>);
    const leaves = leafTile(bundle.bytes);
    if (!equalBytes(leaves, tile)) throw await whichIsWrong(source, tree, n, leaves, tile);
    yield { n, entries: bundle.entries, leaves, bytes: bundle.bytes.length };
  }
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

function fetchBoth(source: LogSource, n: number, width: number) {
  return Promise.all([readBundle(source, n, width), readTile(source, 0, n, width)]);
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
