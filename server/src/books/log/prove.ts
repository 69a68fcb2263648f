/** What can be proved about a published checkpoint, from the tile store alone: entries, inclusion, consistency. Every hash is checked on the way. */
import {
  equalBytes,
  Failure,
  type LogSource,
  leafHash,
  parseCheckpoint,
  proveConsistency,
  proveInclusion,
  readBundle,
  TileTree,
  tilePath,
  tileWidth,
} from '@rivulet/verifier';
import { Fault } from '#base/fault';
import type { LogFiles } from './log-files.ts';

export interface PublishedCheckpoint {
  readonly size: number;
  /** The signed note. */
  readonly note: string;
}

export interface ProvedEntry {
  readonly index: number;
  /** The leaf, as text. */
  readonly entry: string;
  /** Inclusion proof, from the leaf's sibling upwards. */
  readonly path: readonly Uint8Array[];
}

export interface ProvedEntries {
  readonly size: number;
  /** The checkpoint that all of them are proved in. */
  readonly checkpoint: string;
  readonly entries: readonly ProvedEntry[];
}

export class Prover {
  readonly #source: LogSource;
  readonly #published: () => PublishedCheckpoint | null;
  #tree: { note: string; tree: TileTree } | null = null;

  /** @param published the newest published checkpoint, whose signature needs no check: ours */
  constructor(files: Pick<LogFiles, 'read' | 'place'>, published: () => PublishedCheckpoint | null) {
    this.#source = sourceOf(files);
    this.#published = published;
  }

  /**
   * Entries and their proofs, all in one checkpoint, in the order asked for.
   * @throws Fault `not_published` when an index is not covered yet, `log_damaged` when the tile store does not hold together
   */
  async prove(indices: readonly number[]): Promise<ProvedEntries> {
    const published = this.#published();
    const size = published?.size ?? 0;
    if (published === null || indices.some((index) => !(index >= 0 && index < size))) {
      throw new Fault('not_published', 'an entry is not in a published checkpoint yet', { retryAfterSeconds: 1 });
    }
    const tree = this.#treeOf(published);
    return await this.#sound(async () => {
      const bundles = new Map<number, Promise<Uint8Array[]>>();
      const entries = indices.map(async (index) => {
        const n = Math.floor(index / tileWidth);
        if (!bundles.has(n)) bundles.set(n, this.#bundle(n, size));
        const entry = ((await bundles.get(n)) as Uint8Array[])[index % tileWidth] as Uint8Array;
        if (!equalBytes(leafHash(entry), await tree.hash(0, index))) throw unlike(tilePath('entries', n));
        const path = await proveInclusion(index, size, (height, at) => tree.hash(height, at));
        return { index, entry: Buffer.from(entry).toString(), path };
      });
      return { size, checkpoint: published.note, entries: await Promise.all(entries) };
    });
  }

  /**
   * Proof that the tree of `size` begins the published one. Empty for 0 and for the published size itself.
   * @throws Fault as `prove`
   */
  async consistency(size: number): Promise<{ path: Uint8Array[]; checkpoint: string }> {
    const published = this.#published();
    if (published === null || !(size >= 0 && size <= published.size)) {
      throw new Fault('not_published', `size ${size} is not published`, { retryAfterSeconds: 1 });
    }
    const tree = this.#treeOf(published);
    const prove = () => proveConsistency(size, published.size, (height, n) => tree.hash(height, n));
    const path = size === 0 ? [] : await this.#sound(prove);
    return { path, checkpoint: published.note };
  }

  #treeOf(published: PublishedCheckpoint): TileTree {
    if (this.#tree?.note !== published.note) {
      const { size, root } = parseCheckpoint(published.note);
      const same = this.#tree?.tree.size === size;
      this.#tree = {
        note: published.note,
        tree: same ? (this.#tree?.tree as TileTree) : new TileTree(this.#source, size, root),
      };
    }
    return this.#tree.tree;
  }

  async #bundle(n: number, size: number): Promise<Uint8Array[]> {
    return (await readBundle(this.#source, n, Math.min(tileWidth, size - n * tileWidth))).entries;
  }

  async #sound<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // A failed read must not be remembered: the next request reads again.
      this.#tree = null;
      throw new Fault('log_damaged', `${error.where}: ${error.message}; run rivulet fsck`, { cause: error });
    }
  }
}

function unlike(path: string): Failure {
  return new Failure('bundle.differs', 'an entry does not hash to its tile', '条目的哈希与瓦片所记不符', path);
}

/** A tile store as the verifier reads logs. */
export function sourceOf(files: Pick<LogFiles, 'read' | 'place'>): LogSource {
  return { name: files.place, read: (path) => files.read(path) };
}
