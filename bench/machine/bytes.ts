/** What a gift takes on disk: tables and indexes by the catalogue's sizes, the log's files by counting. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

export interface Sizes {
  /** `schema.table` to bytes of heap (with TOAST) and of indexes. */
  readonly tables: ReadonlyMap<string, { readonly heap: number; readonly indexes: number }>;
  readonly logFiles: number;
  /** Bytes of write-ahead log ever written. */
  readonly wal: number;
}

/** @param log the book's folder */
export async function sizesNow(client: pg.Client, log: string): Promise<Sizes> {
  const { rows } = await client.query<{ name: string; heap: string; indexes: string }>(`
    select schemaname || '.' || relname as name, pg_table_size(relid) as heap, pg_indexes_size(relid) as indexes
    from pg_stat_user_tables`);
  const wal = await client.query<{ bytes: string }>(`select pg_current_wal_lsn() - '0/0' as bytes`);
  return {
    tables: new Map(rows.map(({ name, heap, indexes }) => [name, { heap: Number(heap), indexes: Number(indexes) }])),
    logFiles: await folderBytes(log),
    wal: Number(wal.rows[0]?.bytes),
  };
}

/** Drafts and partial tiles do not stay, and may go while we look. */
async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || /\/\.drafts|\.p$/.test(entry.parentPath)) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

/** In four parts that stay: heap, indexes, private rows, log. */
export interface BytesPerGift {
  readonly heap: number;
  readonly indexes: number;
  /** Openings and persons, with their indexes: erasable. */
  readonly privateRows: number;
  readonly log: number;
  /** The four together. */
  readonly total: number;
  /** Entries waiting in the database; integrated batches are pruned. Not part of the total. */
  readonly batches: number;
  /** Write-ahead log, which is written over again. Not part of the total. */
  readonly wal: number;
  /** Heap and indexes of each table that grew by a byte a gift or more. */
  readonly tables: Readonly<Record<string, number>>;
}

const privateTable = /^giving\.(opening|person)/;

export function bytesPerGift(before: Sizes, after: Sizes, gifts: number): BytesPerGift {
  let [heap, indexes, privateRows, batches] = [0, 0, 0, 0];
  const each = (bytes: number) => Math.round(bytes / gifts);
  const tables: Record<string, number> = {};
  for (const [name, size] of after.tables) {
    const had = before.tables.get(name) ?? { heap: 0, indexes: 0 };
    const grown = { heap: size.heap - had.heap, indexes: size.indexes - had.indexes };
    const both = grown.heap + grown.indexes;
    if (each(both) >= 1) tables[name] = each(both);
    if (name === 'log.batch') batches += both;
    else if (privateTable.test(name)) privateRows += both;
    else {
      heap += grown.heap;
      indexes += grown.indexes;
    }
  }
  const log = after.logFiles - before.logFiles;
  return {
    heap: each(heap),
    indexes: each(indexes),
    privateRows: each(privateRows),
    log: each(log),
    total: each(heap + indexes + privateRows + log),
    batches: each(batches),
    wal: each(after.wal - before.wal),
    tables,
  };
}
