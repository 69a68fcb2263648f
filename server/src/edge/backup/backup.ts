/** `rivulet backup DIR`: the database and the log's files as they were at one moment, while the server goes on. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ClientBase } from 'pg';
import { listBooks, readState } from '#books/log';
import { copyTree } from './log-copy.ts';
import {
  checkSums,
  type Manifest,
  manifestName,
  readManifest,
  type Sums,
  sumOf,
  type TableOfBackup,
  writeSums,
} from './manifest.ts';
import { countRows, dumpTable, listMigrations, listSequences, listTables } from './store.ts';

export interface BackupOptions {
  /** A connection that may read every table; used by this alone. */
  readonly client: ClientBase;
  readonly dataFolder: string;
  /** Made when absent; must be empty. */
  readonly folder: string;
  /** Where the secrets go, which belong neither beside the backup nor into it; null: not copied. */
  readonly secretsFolder: string | null;
  readonly now: Date;
  readonly tell: (message: string) => void;
}

/**
 * Complete, durable and read again when this returns.
 * @throws Error in words for the operator; the folder is then no backup
 */
export async function backup(options: BackupOptions): Promise<Manifest> {
  const { client, folder, tell } = options;
  await claimEmpty(folder);
  if (options.secretsFolder !== null) await copySecrets(options, options.secretsFolder);
  const sums: Sums = new Map();
  // One snapshot for all tables: what is written meanwhile is in none of them.
  await client.query('begin isolation level repeatable read read only');
  try {
    const tables = await dumpTables(options, sums);
    const books = await copyLogs(options, sums);
    const manifest: Manifest = {
      format: 1,
      madeAt: options.now.toISOString(),
      migrations: await listMigrations(client),
      tables,
      sequences: await listSequences(client),
      books,
      files: sums.size,
      sums: await writeSums(folder, sums),
    };
    // What a power cut could still take goes to disk before the manifest says that the backup is whole.
    await promisify(execFile)('sync', ['-f', folder]).catch(() =>
      tell('this system has no sync -f: the backup may be lost in a power cut'),
    );
    await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  } finally {
    await client.query('rollback');
  }
  tell('reading it again');
  return await verifyBackup(folder);
}

/** Reads a whole backup: every file's digest, every table's number of rows. @throws Error naming what is wrong */
export async function verifyBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  await checkSums(folder, manifest.files);
  for (const table of manifest.tables) {
    const rows = await countRows(join(folder, tableFile(table.name)));
    if (rows !== table.rows) throw new Error(`${tableFile(table.name)} holds ${rows} rows, not ${table.rows}`);
  }
  return manifest;
}

export function tableFile(name: string): string {
  return `database/${name}.gz`;
}

async function dumpTables({ client, folder, tell }: BackupOptions, sums: Sums): Promise<TableOfBackup[]> {
  await mkdir(join(folder, 'database'));
  const tables: TableOfBackup[] = [];
  for (const table of await listTables(client)) {
    const path = tableFile(table.name);
    const rows = await dumpTable(client, table, join(folder, path));
    sums.set(path, await sumOf(join(folder, path)));
    tables.push({ ...table, rows });
    if (rows > 0) tell(`${table.name}: ${rows} rows`);
  }
  return tables;
}

/** The files at the size that the snapshot had signed, never later: a log ahead of its database would look like a fork. */
async function copyLogs({ client, dataFolder, folder, tell }: BackupOptions, sums: Sums): Promise<Manifest['books']> {
  const books: Manifest['books'] = [];
  for (const { bookId, book: name, origin } of await listBooks(client)) {
    const state = await readState(client, bookId);
    const book = { book: name, origin, head: state?.head ?? 0, signed: state?.signed?.size ?? null };
    books.push(book);
    const note = state?.signed?.note;
    if (book.signed === null || note === undefined) continue;
    const place = `log/${book.book}`;
    await copyTree({ store: join(dataFolder, 'log', book.book), size: book.signed, folder, place, sums });
    await mkdir(join(folder, 'guard'), { recursive: true });
    await mkdir(join(folder, place), { recursive: true });
    for (const path of [`${place}/checkpoint`, `guard/${book.book}.checkpoint`]) {
      await writeFile(join(folder, path), note);
      sums.set(path, await sumOf(join(folder, path)));
    }
    tell(`log of ${book.book}: ${book.signed} entries`);
  }
  return books;
}

async function copySecrets({ dataFolder, folder }: BackupOptions, place: string): Promise<void> {
  const inside = relative(resolve(folder), resolve(place));
  if (inside === '' || !inside.startsWith('..')) throw new Error('the secrets belong to another place than the backup');
  await claimEmpty(place);
  await cp(join(dataFolder, 'secrets'), place, { recursive: true, preserveTimestamps: true });
}

async function claimEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
}
