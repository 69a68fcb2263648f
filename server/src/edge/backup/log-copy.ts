/** A copy of a book's tile store at one signed size: the server may go on writing meanwhile. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openBundle, type TileLevel, tilePath, tileWidth, widthInTree } from '@rivulet/verifier';
import type { Sums } from './manifest.ts';

const hashBytes = 32;
const atOnce = 16;

export interface CopyOptions {
  /** The live store of this book. */
  readonly store: string;
  readonly size: number;
  /** The backup's folder. */
  readonly folder: string;
  /** Relative to `folder`. */
  readonly place: string;
  readonly sums: Sums;
}

/**
 * Copies the tiles and bundles that a tree of `size` has, no more: what lies beyond is not signed, and a restored book may grow otherwise.
 * @throws Error naming a tile that is not there
 */
export async function copyTree(options: CopyOptions): Promise<void> {
  const jobs = tilesOf(options.size);
  const worker = async () => {
    for (const tile of jobs) await copyTile(options, tile);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Tile {
  readonly level: TileLevel;
  readonly n: number;
  readonly width: number;
}

function* tilesOf(size: number): Generator<Tile> {
  for (let level: TileLevel = 'entries'; ; level = level === 'entries' ? 0 : level + 1) {
    if (widthInTree(level, 0, size) === 0) return;
    for (let n = 0; ; n++) {
      const width = widthInTree(level, n, size);
      if (width === 0) break;
      yield { level, n, width };
    }
  }
}

async function copyTile({ store, folder, place, sums }: CopyOptions, tile: Tile): Promise<void> {
  const path = tilePath(tile.level, tile.n, tile.width);
  const bytes = (await read(join(store, path))) ?? (await cutFromFull(store, tile));
  if (bytes === null) throw new Error(`${join(store, path)} is missing; run rivulet fsck`);
  const relative = `${place}/${path}`;
  await mkdir(dirname(join(folder, relative)), { recursive: true });
  await writeFile(join(folder, relative), bytes, { flag: 'wx' });
  sums.set(relative, createHash('sha256').update(bytes).digest('hex'));
}

/** A partial tile is removed some time after it has filled; its hashes are the first of the full one. */
async function cutFromFull(store: string, { level, n, width }: Tile): Promise<Uint8Array | null> {
  if (width === tileWidth) return null;
  const full = await read(join(store, tilePath(level, n)));
  if (full === null) return null;
  if (level !== 'entries') return full.subarray(0, width * hashBytes);
  const bytes = openBundle(full)
    .slice(0, width)
    .reduce((sum, entry) => sum + 2 + entry.length, 0);
  return full.subarray(0, bytes);
}

async function read(path: string): Promise<Uint8Array | null> {
  return await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
