/**
 * `rivulet restore DIR`: a backup into an empty installation.
 *
 * The danger is time: whatever the log published after the backup was made is known to the world and not to the restored database. Signing on
 * would fork it. So whoever restores says which checkpoint was seen last; it becomes the guard, and a book whose guard is ahead of its database
 * signs nothing until `rivulet book rescue`.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCheckpoint } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { tableFile, verifyBackup } from './backup.ts';
import type { Manifest } from './manifest.ts';
import { listMigrations, loadTable, setSequence, tablesWithRows } from './store.ts';

export interface RestoreOptions {
  /** As the owner of the tables, migrated exactly as far as the backup (see `migrationsOf`). */
  readonly client: ClientBase;
  readonly dataFolder: string;
  readonly folder: string;
  /** Files with checkpoints published since; null: the restorer vouches that there are none. */
  readonly seen: readonly string[] | null;
  /** Leave the log's files alone: they survived, only the database was lost. */
  readonly databaseOnly: boolean;
  readonly secretsFolder: string | null;
  readonly tell: (message: string) => void;
}

/** @throws Error in words for the operator; the database is then as empty as before */
export async function restore(options: RestoreOptions): Promise<Manifest> {
  const { client, folder, dataFolder, tell } = options;
  tell('checking the backup');
  const manifest = await verifyBackup(folder);
  const seen = await readSeen(options, manifest);
  await refuseUsed(options);
  const migrations = await listMigrations(client);
  if (migrations.join() !== manifest.migrations.join())
    throw new Error(`the database is at ${migrations.at(-1)}, the backup at ${manifest.migrations.at(-1)}`);
  await client.query('begin');
  try {
    for (const table of manifest.tables) {
      if (table.rows > 0) tell(`${table.name}: ${table.rows} rows`);
      await loadTable(client, table, join(folder, tableFile(table.name)));
    }
    for (const sequence of manifest.sequences) await setSequence(client, sequence);
    // Files first: a crash before the commit leaves files that a second restore refuses to overwrite, and a database that is still empty.
    if (!options.databaseOnly) await copyFiles(folder, dataFolder, ['log', 'guard']);
    for (const { book, note } of seen) await writeFile(join(dataFolder, 'guard', `${book}.checkpoint`), note);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
  if (options.secretsFolder !== null) await copySecrets(options.secretsFolder, dataFolder);
  return manifest;
}

/** What must be empty: every table, and unless they survived, the log's folders. */
async function refuseUsed({ client, dataFolder, databaseOnly }: RestoreOptions): Promise<void> {
  const used = await tablesWithRows(client);
  if (used.length > 0) throw new Error(`the database is not empty: ${used.slice(0, 3).join(', ')} …`);
  if (databaseOnly) return;
  for (const name of ['log', 'guard']) {
    const place = join(dataFolder, name);
    if ((await readdir(place).catch(() => [])).length > 0) {
      throw new Error(
        `${place} is not empty. Did only the database go? Then restore with --database-only and keep these files.`,
      );
    }
  }
}

/** Newest checkpoint of each book that is ahead of the backup. */
async function readSeen({ seen, tell }: RestoreOptions, manifest: Manifest): Promise<{ book: string; note: string }[]> {
  const newest = new Map<string, { size: number; note: string }>();
  for (const path of seen ?? []) {
    const note = await readFile(path, 'utf8');
    const { origin, size } = parseCheckpoint(note);
    const book = manifest.books.find((candidate) => candidate.origin === origin);
    if (book === undefined) throw new Error(`${path} is a checkpoint of ${origin}, which is no book of this backup`);
    const before = newest.get(book.book)?.size ?? book.signed ?? 0;
    if (size > before) newest.set(book.book, { size, note });
  }
  for (const [book, { size }] of newest) {
    tell(
      `book ${book} was published at ${size}, beyond this backup: it will not sign until rivulet book rescue ${book}`,
    );
  }
  return [...newest].map(([book, { note }]) => ({ book, note }));
}

async function copyFiles(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(to, name), { recursive: true });
    await cp(join(from, name), join(to, name), { recursive: true }).catch(ignoreMissing);
  }
}

async function copySecrets(from: string, dataFolder: string): Promise<void> {
  const place = join(dataFolder, 'secrets');
  await mkdir(dirname(place), { recursive: true });
  await mkdir(place, { recursive: true, mode: 0o700 });
  // What is there already stays: it may be newer.
  await cp(from, place, { recursive: true, force: false });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
