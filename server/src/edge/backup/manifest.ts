/**
 * What a backup folder holds:
 *
 *   backup.json          this manifest; written last, so a folder without it is no backup
 *   SHA256SUMS           of every other file, as sha256sum reads it
 *   database/<table>.gz  rows as PostgreSQL's COPY text
 *   log/<book>/…         the tile store at exactly the size that the database had signed
 *   guard/<book>.checkpoint
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const Table = z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.int().min(0) });
const Sequence = z.strictObject({ name: z.string(), last: z.string(), called: z.boolean() });
const Book = z.strictObject({
  book: z.string(),
  origin: z.string(),
  /** Entries accepted. */
  head: z.int().min(0),
  /** Entries under the checkpoint in the backup; null when none was signed. */
  signed: z.int().min(0).nullable(),
});

export const Manifest = z.strictObject({
  format: z.literal(1),
  madeAt: z.string(),
  migrations: z.array(z.string()),
  tables: z.array(Table),
  sequences: z.array(Sequence),
  books: z.array(Book),
  files: z.int().min(0),
  /** Of SHA256SUMS. */
  sums: z.string(),
});
export type Manifest = z.output<typeof Manifest>;
export type TableOfBackup = z.output<typeof Table>;
export type SequenceOfBackup = z.output<typeof Sequence>;
export type BookOfBackup = z.output<typeof Book>;

export const manifestName = 'backup.json';
const sumsName = 'SHA256SUMS';

/** Relative path to hexadecimal SHA-256. */
export type Sums = Map<string, string>;

export async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** @returns SHA-256 of the file of sums */
export async function writeSums(folder: string, sums: Sums): Promise<string> {
  const lines = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, sum]) => `${sum}  ${path}\n`);
  await writeFile(join(folder, sumsName), lines.join(''));
  return await sumOf(join(folder, sumsName));
}

/** @throws Error when the folder holds no whole backup */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => null);
  if (text === null) throw new Error(`${folder} holds no backup: there is no ${manifestName}`);
  const manifest = Manifest.parse(JSON.parse(text));
  if ((await sumOf(join(folder, sumsName))) !== manifest.sums) throw new Error(`${join(folder, sumsName)} was changed`);
  return manifest;
}

/** Reads every file of the backup again. @throws Error naming the first that is missing or was changed */
export async function checkSums(folder: string, expected: number): Promise<string[]> {
  const text = await readFile(join(folder, sumsName), 'utf8');
  const lines = text.split('\n').filter(Boolean);
  if (lines.length !== expected) throw new Error(`${sumsName} names ${lines.length} files, not ${expected}`);
  const paths: string[] = [];
  for (const line of lines) {
    const [, sum, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sum === undefined || path === undefined || path.split('/').includes('..'))
      throw new Error(`${sumsName} has a strange line: ${line}`);
    const found = await sumOf(join(folder, path)).catch(() => null);
    if (found === null) throw new Error(`${join(folder, path)} is missing`);
    if (found !== sum) throw new Error(`${join(folder, path)} was changed`);
    paths.push(path);
  }
  return paths;
}
