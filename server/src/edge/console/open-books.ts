/** The two books of an installation, main and test: origin, writer, ledger, intake, log. */
import { randomBytes } from 'node:crypto';
import { KeyedHash } from '#base/bytes/keyed-hash';
import { Ledger } from '#books/ledger';
import { type BookRow, ensureBook, listBooks, Writer } from '#books/log';
import { Catalogue, GiftCodes, type GivingBook, Intake, Registry } from '#domains/giving';
import type { Database } from '#edge/postgres';
import { BookLog } from '#edge/tiles';
import type { Secrets } from './open-secrets.ts';
import type { Telemetry } from './telemetry.ts';

export interface OpenBook extends GivingBook {
  readonly log: BookLog;
}

export interface OpenBooksOptions {
  readonly database: Database;
  readonly dataFolder: string;
  readonly secrets: Secrets;
  /** RIVULET_ORIGIN; holds only when no book exists yet. */
  readonly origin: string | null;
  readonly telemetry: Telemetry;
  readonly tell: (message: string) => void;
  /** We are wrong: the process must end rather than build on an unknown state. */
  readonly onBug: (error: unknown) => void;
  readonly now: () => Date;
}

export async function openBooks(options: OpenBooksOptions): Promise<OpenBook[]> {
  const rows = await ensureBooks(options);
  const catalogue = new Catalogue();
  const { secrets } = options;
  const shared = { catalogue, hash: new KeyedHash(secrets.dedupe), codes: new GiftCodes(secrets.code) };
  const books: OpenBook[] = [];
  for (const row of rows) books.push(await openBook(row, options, shared));
  return books;
}

interface Shared {
  readonly catalogue: Catalogue;
  readonly hash: KeyedHash;
  readonly codes: GiftCodes;
}

async function openBook(
  book: BookRow,
  options: OpenBooksOptions,
  { catalogue, hash, codes }: Shared,
): Promise<OpenBook> {
  const { database, telemetry, onBug, now } = options;
  const log = await openLog(book, options);
  const writer = new Writer(book, {
    connect: () => database.connect(`rivulet writer ${book.book}`),
    pressure: () => log.pressure(),
    now,
    onBug,
    onState: (state, detail) => telemetry.info({ book: book.book, state, detail }, 'writer'),
  });
  const ledger = new Ledger(book.bookId);
  const registry = new Registry(book, ledger, catalogue);
  const intake = new Intake(options.database.pool, book, ledger, catalogue, hash, codes);
  // Each loads after what it builds on.
  for (const family of [ledger, registry, intake]) writer.register(family);
  writer.onCommit((batch) => log.committed(batch));
  return { book, writer, ledger, registry, intake, log };
}

async function openLog(book: BookRow, { database, dataFolder, telemetry, tell }: OpenBooksOptions): Promise<BookLog> {
  const client = await database.connect('rivulet keys');
  try {
    return await BookLog.open(client, {
      book,
      dataFolder,
      address: database.address,
      onState: ({ condition, reason, detail }) => telemetry.info({ book: book.book, condition, reason, detail }, 'log'),
      onStopped: ({ detail }) => tell(`The log of book ${book.book} has stopped and takes nothing: ${detail}`),
    });
  } finally {
    await client.end();
  }
}

async function ensureBooks({ database, origin, tell }: OpenBooksOptions): Promise<BookRow[]> {
  const client = await database.connect('rivulet books');
  try {
    const main = (await listBooks(client)).find(({ bookId }) => bookId === 1);
    const stored = main?.origin.replace(/\/log$/, '');
    const base = stored ?? origin ?? `rivulet.local/${randomBytes(4).toString('hex')}`;
    if (stored !== undefined && origin !== null && origin !== stored) {
      tell(`log: this installation signs as ${stored} since its first start; RIVULET_ORIGIN=${origin} changes nothing`);
    }
    return [
      await ensureBook(client, { bookId: 1, book: 'main', origin: `${base}/log`, purpose: 'live' }),
      await ensureBook(client, { bookId: 2, book: 'test', origin: `${base}/books/test/log`, purpose: 'test' }),
    ];
  } finally {
    await client.end();
  }
}
