/**
 * Removes partial tiles once the full one has stood for ten minutes: whoever was about to fetch one has done so. What is removed can always be
 * had from the full tile. Remembers how far it has come in `.swept`, a hint: without it the sweep begins at the beginning.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TileLevel, tilePath, tileWidth } from '@rivulet/verifier';
import { type FaultPoints, noFaults } from '#books/log';
import { readText, replaceDurably } from './durable-files.ts';

export const keepPartialsMs = 600_000;
/** Tiles of one folder are this many: `x001/000` to `x001/999`. */
const tilesInFolder = 1000;

type Swept = Record<string, number>;

/**
 * @param size published: below it a tile that is full stays full
 * @param now milliseconds since 1970
 * @returns how many partial tiles' folders were removed
 */
export async function sweepPartials(
  folder: string,
  size: number,
  now: number,
  faults: FaultPoints = noFaults,
): Promise<number> {
  const swept = await readSwept(folder);
  const before = JSON.stringify(swept);
  let removed = 0;
  for (const level of levelsOf(size)) {
    const width = tileWidth ** (level === 'entries' ? 1 : level + 1);
    const full = Math.floor(size / width);
    const from = Math.min(swept[level] ?? 0, full);
    const done = await sweepLevel({ folder, level, from, full, now, faults });
    swept[level] = done.reached;
    removed += done.removed;
  }
  // A crash here means that some folders are looked at twice.
  if (JSON.stringify(swept) !== before) await replaceDurably(join(folder, '.swept'), `${JSON.stringify(swept)}\n`);
  return removed;
}

function levelsOf(size: number): TileLevel[] {
  const levels: TileLevel[] = ['entries'];
  for (let level = 0; tileWidth ** (level + 1) <= size; level++) levels.push(level);
  return levels;
}

interface LevelSweep {
  readonly folder: string;
  readonly level: TileLevel;
  readonly from: number;
  /** Tiles below this are full. */
  readonly full: number;
  readonly now: number;
  readonly faults: FaultPoints;
}

/** `reached`: nothing below it is left to remove. */
async function sweepLevel(sweep: LevelSweep): Promise<{ reached: number; removed: number }> {
  let reached = sweep.full;
  let removed = 0;
  for (let first = sweep.from - (sweep.from % tilesInFolder); first < sweep.full; first += tilesInFolder) {
    for (const n of await partialsIn(sweep, first)) {
      if (n < sweep.from || n >= sweep.full) continue;
      if (await removeOld(sweep, n)) removed++;
      else reached = Math.min(reached, n);
    }
  }
  return { reached, removed };
}

/** Numbers of the tiles in one folder that have partial ones. */
async function partialsIn({ folder, level }: LevelSweep, first: number): Promise<number[]> {
  const place = dirname(join(folder, tilePath(level, first)));
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /^\d{3}\.p$/.test(name)).map((name) => first + Number(name.slice(0, 3)));
}

async function removeOld({ folder, level, now, faults }: LevelSweep, n: number): Promise<boolean> {
  const path = join(folder, tilePath(level, n));
  const full = await stat(path).catch(() => null);
  if (full === null || now - full.mtimeMs < keepPartialsMs) return false;
  faults.reach('partial.sweep', 'before');
  // A crash here leaves some of them; the next sweep removes the rest.
  await rm(`${path}.p`, { recursive: true, force: true });
  faults.reach('partial.sweep', 'after');
  return true;
}

async function readSwept(folder: string): Promise<Swept> {
  try {
    const value: unknown = JSON.parse((await readText(join(folder, '.swept'))) ?? '{}');
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter(([, n]) => Number.isSafeInteger(n) && n >= 0));
  } catch {
    return {};
  }
}
