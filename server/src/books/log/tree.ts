/**
 * The right edge of a book's tree in memory: the unfinished tile of each level and the unfinished bundle. Entries go in, files to write come
 * out. Pure but for hashing; whoever fails to write what came out throws the tree away and loads it again.
 */
import { tilePath, tileWidth, widthInTree } from '@rivulet/verifier';
import { useNativeSha256 } from '@rivulet/verifier/node';
import { assert } from '#base/assert';
import { sha256 } from '#base/bytes/sha256';
import { LogStopped, type NewFile } from './log-files.ts';

// The verifier's functions, too, hash five times faster this way.
useNativeSha256();

const hashBytes = 32;
const tileBytes = tileWidth * hashBytes;
const node = Buffer.alloc(1 + 2 * hashBytes, 1);

interface EdgeTile {
  n: number;
  width: number;
  /** Width that is already written, 0 for none. */
  written: number;
  bytes: Buffer;
}

export class Tree {
  #size: number;
  readonly #levels: EdgeTile[];
  #bundle: Buffer;
  #files: NewFile[] = [];

  private constructor(size: number, levels: EdgeTile[], bundle: Buffer) {
    this.#size = size;
    this.#levels = levels;
    this.#bundle = bundle;
  }

  /** The tree without entries. */
  static empty(): Tree {
    return new Tree(0, [], Buffer.alloc(0));
  }

  /**
   * The tree at `size`, from its edge as written.
   * @param read the bytes of a path, or null; the full tile serves where the partial one is gone
   * @throws LogStopped `missing` or `damaged`, naming the path
   */
  static async load(size: number, read: (path: string) => Promise<Uint8Array | null>): Promise<Tree> {
    const levels: EdgeTile[] = [];
    for (let level = 0; Math.floor(size / tileWidth ** level) > 0; level++) {
      const n = Math.floor(size / tileWidth ** (level + 1));
      const width = widthInTree(level, n, size);
      const bytes = Buffer.alloc(tileBytes);
      if (width > 0) (await readEdge(level, n, width, read)).copy(bytes, 0, 0, width * hashBytes);
      levels.push({ n, width, written: width, bytes });
    }
    const tree = new Tree(size, levels, Buffer.alloc(0));
    const width = size % tileWidth;
    if (width > 0) tree.#bundle = await readEdgeBundle(Math.floor(size / tileWidth), width, levels[0]?.bytes, read);
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** 32 bytes: RFC 6962's root at `size`. */
  root(): Buffer {
    let root: string | null = null;
    for (const { bytes, width } of this.#levels) {
      let end = width;
      for (let span = 1; span <= end; span *= 2) {
        if (Math.floor(end / span) % 2 === 0) continue;
        const part = subtreeRoot(bytes, end - span, span);
        root = root === null ? part : nodeHash(part, root);
        end -= span;
      }
    }
    return Buffer.from(root ?? sha256(''), 'latin1');
  }

  /**
   * Appends entries in bundle framing. `framed` belongs to the tree from here on.
   * @throws RangeError when the framing does not fit or does not hold `count` entries; the tree is then of no more use
   */
  append(framed: Buffer, count: number): void {
    let from = 0;
    let at = 0;
    const target = this.#size + count;
    while (at < framed.length) {
      const end = at + 2 + ((framed[at] as number) << 8) + (framed[at + 1] ?? 0);
      if (at + 2 > framed.length || end > framed.length) throw new RangeError('an entry is cut off');
      this.#push(0, leafHashAt(framed, at, end));
      this.#size++;
      at = end;
      if (this.#size % tileWidth === 0) {
        this.#emitBundle(Buffer.concat([this.#bundle, framed.subarray(from, at)]));
        this.#bundle = Buffer.alloc(0);
        from = at;
      }
    }
    if (this.#size !== target) throw new RangeError(`${this.#size - target + count} entries, not ${count}`);
    this.#bundle = Buffer.concat([this.#bundle, framed.subarray(from)]);
  }

  /** The files that make the tree at `size` complete, each once: full ones as they filled, partial ones as they stand now. */
  takeFiles(): NewFile[] {
    for (const [level, tile] of this.#levels.entries()) {
      if (tile.width === 0 || tile.width === tile.written) continue;
      // A copy: the tile goes on growing, and what was handed out must not.
      const bytes = Buffer.from(tile.bytes.subarray(0, tile.width * hashBytes));
      this.#files.push({ path: tilePath(level, tile.n, tile.width), bytes });
      if (level === 0) this.#files.push({ path: tilePath('entries', tile.n, tile.width), bytes: this.#bundle });
      tile.written = tile.width;
    }
    const files = this.#files;
    this.#files = [];
    return files;
  }

  #emitBundle(bytes: Buffer): void {
    this.#files.push({ path: tilePath('entries', this.#size / tileWidth - 1), bytes });
  }

  #push(level: number, hash: string): void {
    let tile = this.#levels[level];
    if (tile === undefined) {
      tile = { n: 0, width: 0, written: 0, bytes: Buffer.allocUnsafe(tileBytes) };
      this.#levels.push(tile);
    }
    tile.bytes.write(hash, tile.width * hashBytes, 'latin1');
    tile.width++;
    if (tile.width < tileWidth) return;
    this.#files.push({ path: tilePath(level, tile.n), bytes: tile.bytes });
    this.#push(level + 1, subtreeRoot(tile.bytes, 0, tileWidth));
    tile.n++;
    tile.width = 0;
    tile.written = 0;
    tile.bytes = Buffer.allocUnsafe(tileBytes);
  }
}

/** RFC 6962 leaf hashes of a bundle, side by side: its level 0 tile. @throws RangeError when the framing does not fit */
export function leafHashesOf(bundle: Buffer): Buffer {
  const hashes: string[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + ((bundle[at] as number) << 8) + (bundle[at + 1] ?? 0);
    if (at + 2 > bundle.length || end > bundle.length) throw new RangeError('an entry is cut off');
    hashes.push(leafHashAt(bundle, at, end));
    at = end;
  }
  return Buffer.from(hashes.join(''), 'latin1');
}

/** The leaf hash of the entry framed at [at, end): the low byte of its length stands for the 0x00 prefix while we hash, so nothing is copied. */
function leafHashAt(framed: Buffer, at: number, end: number): string {
  const low = framed[at + 1] as number;
  framed[at + 1] = 0;
  const hash = sha256(framed.subarray(at + 1, end));
  framed[at + 1] = low;
  return hash;
}

/** Root of the `span` hashes from number `first` of a tile; `span` is a power of two. */
export function subtreeRoot(tile: Buffer, first: number, span: number): string {
  assert(span > 0 && (span & (span - 1)) === 0, 'a full subtree is a power of two wide');
  let hashes: string[] = [];
  for (let i = first; i < first + span; i++) {
    hashes.push(tile.toString('latin1', i * hashBytes, (i + 1) * hashBytes));
  }
  while (hashes.length > 1) {
    const above: string[] = [];
    for (let i = 0; i < hashes.length; i += 2) above.push(nodeHash(hashes[i] as string, hashes[i + 1] as string));
    hashes = above;
  }
  return hashes[0] as string;
}

/** SHA-256(0x01 ‖ left ‖ right), binary strings. */
export function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'latin1');
  node.write(right, 1 + hashBytes, 'latin1');
  return sha256(node);
}

async function readEdge(
  level: number | 'entries',
  n: number,
  width: number,
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<Buffer> {
  const path = tilePath(level, n, width);
  const bytes = (await read(path)) ?? (await read(tilePath(level, n)));
  if (bytes === null) throw new LogStopped('missing', path, `${path} is missing in the tile store`);
  if (level !== 'entries' && bytes.length !== width * hashBytes && bytes.length !== tileBytes) {
    throw new LogStopped('damaged', path, `${path} is ${bytes.length} bytes long, not ${width * hashBytes}`);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readEdgeBundle(
  n: number,
  width: number,
  leaves: Buffer | undefined,
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<Buffer> {
  const path = tilePath('entries', n, width);
  const bundle = Buffer.from(await readEdge('entries', n, width, read));
  const end = endOfEntry(bundle, width);
  const fits = end !== null && leaves?.subarray(0, width * hashBytes).equals(leafHashesOf(bundle.subarray(0, end)));
  if (!fits) throw new LogStopped('damaged', path, `${path} does not hash to its tile`);
  return bundle.subarray(0, end);
}

/** Where the first `count` entries of a bundle end, or null when it has fewer. */
export function endOfEntry(bundle: Uint8Array, count: number): number | null {
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 2 > bundle.length) return null;
    at += 2 + ((bundle[at] as number) << 8) + (bundle[at + 1] as number);
  }
  return at <= bundle.length ? at : null;
}
