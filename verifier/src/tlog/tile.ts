/** Tiles and entry bundles of C2SP tlog-tiles: their paths, widths and contents. Tiles are 256 hashes wide. */
import { Failure } from '../failure.ts';
import { sha256Into } from './sha256.ts';

export const tileWidth = 256;
export const hashBytes = 32;
export const maxTileBytes = tileWidth * hashBytes;
/** The longest entry that a bundle can frame. */
export const maxEntryBytes = 65_535;
/** The longest bundle: 256 entries of 65,535 bytes, each with its two bytes of length. */
export const maxBundleBytes = tileWidth * (2 + maxEntryBytes);

export type TileLevel = number | 'entries';

export interface TileName {
  level: TileLevel;
  n: number;
  /** 1 to 256. */
  width: number;
}

/**
 * `tile/0/x001/x234/067.p/12`, no leading slash.
 * @param width hashes (or entries) in it, 1 to 256; 256 is a full tile without `.p`
 */
export function tilePath(level: TileLevel, n: number, width: number = tileWidth): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`no tile has the number ${n}`);
  if (!Number.isInteger(width) || width < 1 || width > tileWidth) throw new RangeError(`no tile is ${width} wide`);
  if (level !== 'entries' && !(Number.isInteger(level) && level >= 0 && level < 64))
    throw new RangeError('no such level');
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return `tile/${level}/${path}${width < tileWidth ? `.p/${width}` : ''}`;
}

/** The tile that a path names, or null: one tile has one path. */
export function parseTilePath(path: string): TileName | null {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (!match) return null;
  const [, said, digits = '', partial] = match;
  const name = {
    level: said === 'entries' ? said : Number(said),
    n: Number(digits.replace(/[x/]/g, '')),
    width: partial === undefined ? tileWidth : Number(partial),
  } as const;
  try {
    return tilePath(name.level, name.n, name.width) === path ? name : null;
  } catch {
    return null;
  }
}

/** How many hashes tile `n` of a level has in a tree of `size` leaves: 0 (there is none) to 256. Entry bundles are as wide as level 0. */
export function widthInTree(level: TileLevel, n: number, size: number): number {
  const hashes = Math.floor(size / tileWidth ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(tileWidth, hashes - n * tileWidth));
}

/**
 * The entries of a bundle, as views into it.
 * @throws Failure `bundle.framing` where the framing does not fit
 */
export function openBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + 2;
    const end = start + (((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) {
      const n = entries.length;
      throw new Failure('bundle.framing', `entry ${n} of the bundle is cut off`, `条目包中第 ${n} 条被截断`);
    }
    if (entries.length === tileWidth) {
      throw new Failure('bundle.framing', 'the bundle holds more than 256 entries', '条目包超过 256 条');
    }
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}

/**
 * The leaf hashes of a bundle's entries, side by side: the level 0 tile that belongs to it. The byte before an entry is lent to the leaf
 * prefix 0x00 while it is hashed and put back, so no entry is copied.
 * @param bytes a bundle that `openBundle` accepts
 */
export function leafTile(bytes: Uint8Array): Uint8Array {
  const tile = new Uint8Array(maxTileBytes);
  let used = 0;
  for (let at = 0; at < bytes.length; used += hashBytes) {
    const before = bytes[at + 1] as number;
    const end = at + 2 + (((bytes[at] as number) << 8) | before);
    bytes[at + 1] = 0;
    sha256Into(bytes.subarray(at + 1, end), tile, used);
    bytes[at + 1] = before;
    at = end;
  }
  return tile.subarray(0, used);
}
