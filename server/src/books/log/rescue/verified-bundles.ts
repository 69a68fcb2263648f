/** Entries of a signed tree, each bundle checked against its tile and the tile against the root before anything is handed out. */
import { equalBytes, openBundle, type TileTree, tilePath, tileWidth } from '@rivulet/verifier';
import { type LogFiles, LogStopped } from '../log-files.ts';
import { leafHashesOf } from '../tree.ts';

export class VerifiedBundles {
  readonly #files: Pick<LogFiles, 'read' | 'place'>;
  readonly #tree: TileTree;
  #n = -1;
  #entries: Uint8Array[] = [];

  constructor(files: Pick<LogFiles, 'read' | 'place'>, tree: TileTree) {
    this.#files = files;
    this.#tree = tree;
  }

  /**
   * The entry at `index`; cheapest in order.
   * @throws LogStopped `missing` or `damaged` naming the bundle, and the Failure of a tile that does not fit
   */
  async entry(index: number): Promise<Uint8Array> {
    const n = Math.floor(index / tileWidth);
    if (n !== this.#n) {
      this.#entries = await this.#read(n);
      this.#n = n;
    }
    return this.#entries[index % tileWidth] as Uint8Array;
  }

  /** Entries of a row, in bundle framing but perhaps more than a bundle holds. @throws RangeError when it is cut off */
  open(framed: Buffer): Uint8Array[] {
    const entries: Uint8Array[] = [];
    for (let at = 0; at < framed.length; ) {
      const end = at + 2 + framed.readUInt16BE(at);
      if (end > framed.length) throw new RangeError('an entry is cut off');
      entries.push(framed.subarray(at + 2, end));
      at = end;
    }
    return entries;
  }

  async #read(n: number): Promise<Uint8Array[]> {
    const width = Math.min(tileWidth, this.#tree.size - n * tileWidth);
    const path = tilePath('entries', n, width);
    const bytes = (await this.#files.read(path)) ?? (await this.#files.read(tilePath('entries', n)));
    if (bytes === null) throw new LogStopped('missing', path, `${path} is missing in ${this.#files.place}`);
    const tile = await this.#tree.tile(0, n);
    try {
      const leaves = leafHashesOf(Buffer.from(bytes)).subarray(0, tile.length);
      if (equalBytes(leaves, tile)) return openBundle(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    throw new LogStopped('damaged', path, `${path} in ${this.#files.place} does not hash to its tile`);
  }
}
