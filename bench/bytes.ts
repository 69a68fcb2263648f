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

export interface BytesPerGift {
  readonly giftHeap: number;
  readonly giftIndexes: number;
  /** Openings and persons: erasable. */
  readonly privateRows: number;
  readonly otherRows: number;
  /** Entries waiting in the database; integrated batches may be pruned. */
  readonly batches: number;
  readonly logFiles: number;
  /** All of the above but batches, which do not stay. */
  readonly total: number;
  readonly wal: number;
}

export function bytesPerGift(before: Sizes, after: Sizes, gifts: number): BytesPerGift {
  let [giftHeap, giftIndexes, privateRows, otherRows, batches] = [0, 0, 0, 0, 0];
  for (const [name, size] of after.tables) {
    const had = before.tables.get(name) ?? { heap: 0, indexes: 0 };
    const [heap, indexes] = [size.heap - had.heap, size.indexes - had.indexes];
    if (name === 'giving.gift') [giftHeap, giftIndexes] = [heap, indexes];
    else if (name === 'giving.opening' || name === 'giving.person') privateRows += heap + indexes;
    else if (name === 'log.batch') batches += heap + indexes;
    else otherRows += heap + indexes;
  }
  const logFiles = after.logFiles - before.logFiles;
  const each = (bytes: number) => Math.round(bytes / gifts);
  const total = each(giftHeap + giftIndexes + privateRows + otherRows + logFiles);
  return {
    giftHeap: each(giftHeap),
    giftIndexes: each(giftIndexes),
    privateRows: each(privateRows),
    otherRows: each(otherRows),
    batches: each(batches),
    logFiles: each(logFiles),
    total,
    wal: each(after.wal - before.wal),
  };
}
