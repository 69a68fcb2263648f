/** A book whose batches a test commits itself, as the writer would, and integrators over them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import {
  type BookRow,
  ensureBook,
  type FaultPoints,
  Integrator,
  type IntegratorOptions,
  type LogKeys,
  newKeyText,
  parseKeyText,
} from '#books/log';
import { placesOf, TileFolder } from '#edge/tiles';
import type { TestDatabase } from './postgres.ts';

export interface LogBook {
  readonly book: BookRow;
  readonly database: TestDatabase;
  readonly dataFolder: string;
  readonly folder: string;
  readonly guardPath: string;
  readonly keys: LogKeys;
  /** Commits one batch: moves the head and adds its row. */
  commit(entries: readonly string[], acceptedAt?: Date): Promise<void>;
  files(faults?: FaultPoints): TileFolder;
  integrator(options?: Partial<IntegratorOptions>): Integrator;
  head(): Promise<number>;
}

let made = 0;

export async function newLogBook(
  database: TestDatabase,
  options: { bookId?: number; origin?: string; keys?: LogKeys } = {},
): Promise<LogBook> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'rivulet-log-'));
  after(() => rm(dataFolder, { recursive: true, force: true }));
  const bookId = options.bookId ?? 100 + ++made;
  const origin = options.origin ?? `example.org/book-${bookId}`;
  const client = await database.pool.connect();
  const book = await ensureBook(client, { bookId, book: `book-${bookId}`, origin, purpose: 'test' }).finally(() =>
    client.release(),
  );
  const { folder, guardPath } = placesOf(dataFolder, book.book);
  const keys = options.keys ?? {
    log: parseKeyText(newKeyText(origin, 1)),
    witness: parseKeyText(newKeyText(`${origin}/witness`, 4)),
  };
  const files = (faults?: FaultPoints) => new TileFolder(folder, guardPath, faults);
  const open: Integrator[] = [];
  after(() => Promise.all(open.map((integrator) => integrator.close())));
  return {
    book,
    database,
    dataFolder,
    folder,
    guardPath,
    keys,
    files,
    commit: (entries, acceptedAt) => commitBatch(database.pool, bookId, entries, acceptedAt),
    integrator(more = {}) {
      const integrator = new Integrator({
        book,
        keys,
        files: files(more.faults),
        connect: () => connect(database),
        ...more,
      });
      open.push(integrator);
      return integrator;
    },
    async head() {
      const { rows } = await database.pool.query('select next_index from log.head where book_id = $1', [bookId]);
      return Number(rows[0].next_index);
    },
  };
}

export async function connect(database: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client(database.app);
  await client.connect();
  return client;
}

/** Bundle framing. */
export function frame(entries: readonly string[]): Buffer {
  return Buffer.concat(
    entries.map((entry) => {
      const bytes = Buffer.from(entry);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

async function commitBatch(
  pool: pg.Pool,
  bookId: number,
  entries: readonly string[],
  acceptedAt = new Date(),
): Promise<void> {
  const tx = await pool.connect();
  try {
    await tx.query('begin');
    const { rows } = await tx.query(
      'update log.head set next_index = next_index + $2 where book_id = $1 returning next_index',
      [bookId, entries.length],
    );
    const next = Number(rows[0].next_index);
    await tx.query(
      'insert into log.batch (book_id, first_index, next_index, accepted_at, entries) values ($1, $2, $3, $4, $5)',
      [bookId, next - entries.length, next, acceptedAt, frame(entries)],
    );
    await tx.query('commit');
  } finally {
    tx.release();
  }
}
