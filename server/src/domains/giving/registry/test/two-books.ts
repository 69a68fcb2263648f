/** For tests: a main book and a test book with their registries, on a database of the test's own. Nothing of orders, nothing published. */
import { after } from 'node:test';
import { parseEntry } from '@rivulet/verifier';
import pg from 'pg';
import { KeyedHash } from '#base/bytes/keyed-hash';
import { Ledger } from '#books/ledger';
import { ensureBook, Writer } from '#books/log';
import { freshDatabase, type TestDatabase } from '../../../../../../test/support/postgres.ts';
import type { GivingBook, GivingContext } from '../../book.ts';
import { GiftCodes } from '../../intake/answer/gift-code.ts';
import { Intake } from '../../intake/intake.ts';
import { Catalogue } from '../catalogue.ts';
import { Registry } from '../registry.ts';

const testKey = '0123456789abcdef'.repeat(4);

export interface Clock {
  ms: number;
}

export interface TwoBooks {
  readonly database: TestDatabase;
  readonly context: GivingContext;
  readonly main: GivingBook;
  readonly test: GivingBook;
  readonly catalogue: Catalogue;
  /** What a writer called a bug. */
  readonly bugs: unknown[];
  readonly clock: Clock;
  /** Another process that takes the books over, with a catalogue of its own. Ends the writers of this one. */
  restart(): Promise<TwoBooks>;
  /** All entries of a book, each checked as an auditor would. */
  entries(bookId: number): Promise<ReturnType<typeof parseEntry>[]>;
}

/** Closed by the end of the test, or of the file. @param clock what time it is for the writers */
export async function openTwoBooks(clock: Clock = { ms: Date.parse('2026-06-01T00:00:00Z') }): Promise<TwoBooks> {
  const writers: Writer[] = [];
  after(() => Promise.all(writers.map((writer) => writer.stop())));
  return await open(await freshDatabase(), clock, writers);
}

async function open(database: TestDatabase, clock: Clock, writers: Writer[]): Promise<TwoBooks> {
  const catalogue = new Catalogue();
  const bugs: unknown[] = [];
  const main = await openBook(database, catalogue, 1, clock, bugs);
  const test = await openBook(database, catalogue, 2, clock, bugs);
  writers.push(main.writer, test.writer);
  const context = { pool: database.pool, books: [main, test] };
  const restart = async () => {
    for (const { writer } of context.books) await writer.stop();
    return open(database, clock, writers);
  };
  const entries = (bookId: number) => readEntries(database, bookId);
  return { database, context, main, test, catalogue, bugs, clock, restart, entries };
}

async function openBook(
  database: TestDatabase,
  catalogue: Catalogue,
  bookId: 1 | 2,
  clock: Clock,
  bugs: unknown[],
): Promise<GivingBook> {
  const purpose = bookId === 1 ? ('live' as const) : ('test' as const);
  const book = { bookId, book: bookId === 1 ? 'main' : 'test', origin: `example.org/${bookId}`, purpose };
  const client = await database.pool.connect();
  await ensureBook(client, book);
  client.release();
  const connect = async () => {
    const own = new pg.Client(database.app);
    await own.connect();
    return own;
  };
  const writer = new Writer(book, { connect, now: () => new Date(clock.ms), onBug: (error) => bugs.push(error) });
  const ledger = new Ledger(bookId);
  const registry = new Registry(book, ledger, catalogue);
  const intake = new Intake(database.pool, book, ledger, catalogue, new KeyedHash(testKey), new GiftCodes(testKey));
  for (const family of [ledger, registry, intake]) writer.register(family);
  writer.start();
  while (writer.state !== 'leading') await new Promise((resolve) => setTimeout(resolve, 5));
  const log = {
    published: () => null,
    prove: () => Promise.reject(new Error('nothing is published')),
    vkeys: () => '',
    sign: (body: string) => body,
  };
  return { book, writer, ledger, registry, intake, log };
}

async function readEntries(database: TestDatabase, bookId: number): Promise<ReturnType<typeof parseEntry>[]> {
  const { rows } = await database.pool.query(`select entries from log.batch where book_id = $1 order by first_index`, [
    bookId,
  ]);
  const entries = [];
  for (const { entries: framed } of rows as { entries: Buffer }[])
    for (let at = 0; at < framed.length; ) {
      const end = at + 2 + framed.readUInt16BE(at);
      entries.push(parseEntry(framed.subarray(at + 2, end)));
      at = end;
    }
  return entries;
}
