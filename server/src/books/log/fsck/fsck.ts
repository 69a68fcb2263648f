/**
 * Looks at everything a book's log consists of and names what does not hold: the rows, the tiles, the bundles, the checkpoint, the guard. Trusts
 * nothing but the verifier keys; changes nothing. It reads the log as a stranger would, through @rivulet/verifier.
 */
import {
  type Checkpoint,
  equalBytes,
  GrowingTree,
  hashBytes,
  openBundle,
  parseNote,
  parseTilePath,
  rootOf,
  tilePath,
  tileWidth,
  type VerifierKey,
  verifyNote,
  widthInTree,
} from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { BookRow } from '../head-store.ts';
import { readState } from '../integration/integration-store.ts';
import { openCheckpoint } from '../integration/never-fork.ts';
import { type LogFiles, LogStopped } from '../log-files.ts';
import { leafHashesOf, Tree } from '../tree.ts';
import { checkRows } from './fsck-rows.ts';

export interface Problem {
  /** The file or row. */
  readonly place: string;
  readonly words: string;
}

export interface FsckOptions {
  readonly book: BookRow;
  readonly files: LogFiles;
  readonly client: ClientBase;
  /** The log's key, its witness's if it has one, retired ones: all that may have signed. */
  readonly keys: readonly VerifierKey[];
  /** Entries looked at so far, and of how many. */
  onProgress?(done: number, total: number): void;
  /** Every entry of the checked log in order, so that the caller may replay it in the same reading. */
  onEntry?(index: number, entry: Uint8Array): void;
  /** It stops looking after so many problems. */
  readonly maxProblems?: number;
}

export interface FsckReport {
  /** Of the checkpoint that was checked. */
  readonly size: number;
  readonly files: number;
  readonly rows: number;
  /** None: the log is sound. */
  readonly problems: readonly Problem[];
}

class Findings {
  readonly problems: Problem[] = [];
  readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  add(place: string, words: string): void {
    if (!this.isFull && !this.names(place)) this.problems.push({ place, words });
  }

  names(place: string): boolean {
    return this.problems.some((known) => known.place === place);
  }

  get isFull(): boolean {
    return this.problems.length >= this.max;
  }
}

/** The server may run meanwhile: what is checked is the checkpoint signed when it begins. */
export async function fsck(options: FsckOptions): Promise<FsckReport> {
  const found = new Findings(options.maxProblems ?? 1000);
  const checkpoint = await checkNotes(options, found);
  const size = checkpoint?.size ?? 0;
  const tree = checkpoint === null ? { files: 0 } : await checkTree(options, checkpoint, found);
  await checkOthers(options, size, found);
  const rows = await checkRows(options, size, (place, words) => found.add(place, words));
  return { size, files: tree.files, rows, problems: found.problems };
}

/** The three checkpoints, each by itself and against the others. Returns the one to check the tree against: the largest that is sound. */
async function checkNotes(options: FsckOptions, found: Findings): Promise<Checkpoint | null> {
  const { book, files, client } = options;
  const published = await files.published();
  const guard = await files.guard();
  const state = await readState(client, book.bookId);
  if (state === null) found.add('log.head', `book ${book.book} has no head`);
  const row = `log.signed of book ${book.book}`;
  const signed = state?.signed ?? null;
  const sound: Checkpoint[] = [];
  const open = (place: string, text: string | null): Checkpoint | null => {
    if (text === null) return null;
    const checkpoint = openSound(options, place, text, found);
    if (checkpoint !== null) sound.push(checkpoint);
    return checkpoint;
  };
  const said = open(row, signed?.note ?? null);
  if (said !== null && signed !== null && !(said.size === signed.size && equalBytes(said.root, signed.root))) {
    found.add(row, 'size or root is not that of its note');
  }
  for (const [place, note] of [
    [files.checkpointPath, published],
    [files.guardPath, guard],
  ] as const) {
    const outside = open(place, note);
    if (note === null && signed !== null) found.add(place, 'is missing');
    if (outside !== null && outside.size > (signed?.size ?? -1)) {
      found.add(
        place,
        `is at size ${outside.size}, ahead of what the database signed: rivulet book rescue ${book.book}`,
      );
    }
  }
  if (state !== null && signed !== null && state.head < signed.size) {
    found.add('log.head', `book ${book.book} is at ${state.head}, behind its signed size ${signed.size}`);
  }
  const largest = sound.sort((a, b) => b.size - a.size)[0] ?? null;
  for (const other of sound) await checkBegins(options, other, largest as Checkpoint, found);
  return largest;
}

function openSound(options: FsckOptions, place: string, text: string, found: Findings): Checkpoint | null {
  try {
    const checkpoint = openCheckpoint(text, place, { origin: options.book.origin, keys: options.keys });
    // Once more for every signature in it, the cosignature included.
    verifyNote(parseNote(text), options.keys);
    return checkpoint;
  } catch (error) {
    found.add(place, (error as Error).message);
    return null;
  }
}

async function checkBegins(
  { files }: FsckOptions,
  old: Checkpoint,
  largest: Checkpoint,
  found: Findings,
): Promise<void> {
  const place = `checkpoint of size ${old.size}`;
  if (old.size === largest.size) {
    if (!equalBytes(old.root, largest.root)) found.add(place, 'two different roots are signed for this size');
    return;
  }
  try {
    const tree = await Tree.load(old.size, (path) => files.read(path));
    if (!equalBytes(tree.root(), old.root)) found.add(place, 'its root is not that of the tiles');
  } catch (error) {
    if (!(error instanceof LogStopped)) throw error;
    found.add(error.names, error.message);
  }
}

/** Every bundle against its tile, every tile against those below, all of it against the signed root. */
async function checkTree(
  options: FsckOptions,
  { size, root }: Checkpoint,
  found: Findings,
): Promise<{ files: number }> {
  const { files } = options;
  let count = 0;
  const upper: { level: number; n: number; hashes: Uint8Array }[] = [];
  const tree = new GrowingTree((level, n, hashes) => {
    if (level > 0) upper.push({ level, n, hashes: hashes.slice() });
  });
  const compareUpper = async () => {
    for (const { level, n, hashes } of upper.splice(0)) {
      count++;
      const path = tilePath(level, n, hashes.length / hashBytes);
      const stored = await readWide(files, level, n, hashes.length / hashBytes);
      if (stored === null) found.add(path, 'is missing');
      else if (!equalBytes(stored.subarray(0, hashes.length), hashes))
        found.add(path, 'does not have the hashes of what is below it');
    }
  };
  for (let n = 0; n * tileWidth < size && !found.isFull; n++) {
    count += 2;
    tree.append(await checkBundle(options, n, size, root, found));
    await compareUpper();
    options.onProgress?.(Math.min((n + 1) * tileWidth, size), size);
  }
  if (found.isFull) return { files: count };
  const made = tree.close();
  await compareUpper();
  if (!equalBytes(made, root)) found.add(`root at size ${size}`, 'the entries do not make the root that is signed');
  return { files: count };
}

/** Checks bundle `n` and its tile; returns the leaf hashes to go on with: those that fit the tile above where the two differ. */
async function checkBundle(
  options: FsckOptions,
  n: number,
  size: number,
  root: Uint8Array,
  found: Findings,
): Promise<Uint8Array> {
  const { files } = options;
  const width = widthInTree(0, n, size);
  const [bundlePath, path] = [tilePath('entries', n, width), tilePath(0, n, width)];
  const bundle = await readWide(files, 'entries', n, width);
  const tile = (await readWide(files, 0, n, width))?.subarray(0, width * hashBytes) ?? null;
  const leaves = bundle === null ? null : leavesOf(bundle, width);
  if (tile === null) found.add(path, 'is missing');
  if (bundle === null) found.add(bundlePath, 'is missing');
  else if (leaves === null) found.add(bundlePath, `does not hold ${width} entries`);
  if (leaves !== null && bundle !== null) tellEntries(options, n * tileWidth, bundle, width);
  if (tile === null || leaves === null || equalBytes(tile, leaves))
    return leaves ?? tile ?? new Uint8Array(width * hashBytes);
  const fits = await fitsAbove(files, n, size, root);
  if (fits(leaves)) found.add(path, 'does not have the hashes of its entries');
  else if (fits(tile)) found.add(bundlePath, 'holds an entry that does not hash to its tile');
  else {
    found.add(bundlePath, 'its entries do not hash to its tile, and neither fits what is above');
    found.add(path, 'does not have the hashes of its entries, and neither fits what is above');
  }
  return fits(tile) ? tile : leaves;
}

/** Says of leaf hashes whether they are the ones that the tile above, or for the last tile the signed root, stands for. */
async function fitsAbove(
  files: LogFiles,
  n: number,
  size: number,
  root: Uint8Array,
): Promise<(leaves: Uint8Array) => boolean> {
  if ((n + 1) * tileWidth <= size) {
    const aboveN = Math.floor(n / tileWidth);
    const above = await readWide(files, 1, aboveN, widthInTree(1, aboveN, size));
    const at = (n % tileWidth) * hashBytes;
    return (leaves) => above !== null && equalBytes(rootOf(leaves), above.subarray(at, at + hashBytes));
  }
  const upper = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(async (level) => {
      const number = Math.floor(size / tileWidth ** (level + 1));
      const width = widthInTree(level, number, size);
      return width === 0 ? new Uint8Array(0) : await readWide(files, level, number, width);
    }),
  );
  return (leaves) => {
    let made = leaves;
    for (const tile of upper) if (tile !== null && tile.length > 0) made = join(tile, rootOf(made));
    return equalBytes(rootOf(made), root);
  };
}

function join(tile: Uint8Array, last: Uint8Array): Uint8Array {
  return Uint8Array.from([...tile, ...last]);
}

function leavesOf(bundle: Uint8Array, width: number): Uint8Array | null {
  try {
    const leaves = leafHashesOf(Buffer.from(bundle));
    return leaves.length >= width * hashBytes ? leaves.subarray(0, width * hashBytes) : null;
  } catch {
    return null;
  }
}

function tellEntries({ onEntry }: FsckOptions, first: number, bundle: Uint8Array, width: number): void {
  if (onEntry === undefined) return;
  for (const [i, entry] of openBundle(bundle).slice(0, width).entries()) onEntry(first + i, entry);
}

/** Files that the checkpoint does not need: older partial ones, what lies beyond, what has no business there. */
async function checkOthers(options: FsckOptions, size: number, found: Findings): Promise<void> {
  for await (const path of options.files.paths()) {
    if (found.isFull) return;
    const name = parseTilePath(path);
    if (name === null) {
      found.add(path, 'is not the name of a tile');
      continue;
    }
    const covered = widthInTree(name.level, name.n, size);
    if (name.width >= covered) continue;
    // A wider one that is damaged itself says nothing about this one.
    if (found.names(tilePath(name.level, name.n, covered))) continue;
    const bytes = await options.files.read(path);
    const wide = await readWide(options.files, name.level, name.n, covered);
    // Swept away meanwhile, or reported above.
    if (bytes === null || wide === null) continue;
    if (!equalBytes(bytes, wide.subarray(0, bytes.length))) found.add(path, 'does not begin what came after it');
    else if (name.level !== 'entries' && bytes.length !== name.width * hashBytes)
      found.add(path, 'has another width than its name');
  }
}

/** A tile at least `width` wide, or null. */
async function readWide(
  files: LogFiles,
  level: number | 'entries',
  n: number,
  width: number,
): Promise<Uint8Array | null> {
  return (await files.read(tilePath(level, n, width))) ?? (await files.read(tilePath(level, n)));
}
