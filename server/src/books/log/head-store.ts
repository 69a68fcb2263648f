/** SQL for the head of a book and its batches. */
import type { ClientBase, Pool } from 'pg';
import { BinaryRows } from '#base/bytes/binary-rows';
import type { Copy } from '#base/bytes/copy-rows';
import { inlined } from '#base/inlined';

export interface BookRow {
  bookId: number;
  book: string;
  origin: string;
  purpose: 'live' | 'test';
}

export interface Head {
  nextIndex: number;
  epoch: number;
  lastTick: Date;
}

/** Makes the book's head if there is none. Returns the book as stored: the origin of the first start holds for ever. */
export async function ensureBook(client: ClientBase, book: BookRow): Promise<BookRow> {
  await client.query(
    `insert into log.head (book_id, book, origin, purpose) values ($1, $2, $3, $4) on conflict (book_id) do nothing`,
    [book.bookId, book.book, book.origin, book.purpose],
  );
  const { rows } = await client.query(
    `select book_id as "bookId", book, origin, purpose from log.head where book_id = $1`,
    [book.bookId],
  );
  return rows[0];
}

/** The books of this database, lowest number first. */
export async function listBooks(read: Pool | ClientBase): Promise<BookRow[]> {
  const { rows } = await read.query(`select book_id as "bookId", book, origin, purpose from log.head order by book_id`);
  return rows;
}

/** Whether this session now holds the book's writer lock. The lock is politeness between processes; the fence is moveHead. */
export async function tryWriterLock(client: ClientBase, bookId: number): Promise<boolean> {
  const { rows } = await client.query(`select pg_try_advisory_lock(hashtext('rivulet.writer'), $1) as held`, [bookId]);
  return rows[0].held;
}

/** Takes the book over: from here on every writer with an older epoch fails at its next batch. */
export async function takeEpoch(client: ClientBase, bookId: number): Promise<Head> {
  const { rows } = await client.query(
    `update log.head set epoch = epoch + 1 where book_id = $1 returning next_index, epoch, last_tick`,
    [bookId],
  );
  return { nextIndex: Number(rows[0].next_index), epoch: Number(rows[0].epoch), lastTick: rows[0].last_tick };
}

/** The committed head, as anybody may see it. */
export async function readHead(read: Pool | ClientBase, bookId: number): Promise<Omit<Head, 'epoch'>> {
  const { rows } = await read.query(`select next_index, last_tick from log.head where book_id = $1`, [bookId]);
  return { nextIndex: Number(rows[0].next_index), lastTick: rows[0].last_tick };
}

/** SQLSTATE of a batch whose writer is no longer the writer. */
export const headMoved = 'RV001';

/** Moves the head under the fence. It fails with `headMoved` when somebody else is the writer, or the head is not where we believe. */
export function moveHead(bookId: number, head: Head, next: Head): string {
  const values = [bookId, head.nextIndex, head.epoch, next.nextIndex, next.lastTick];
  return inlined('select log.move_head($1, $2, $3, $4, $5)', values);
}

/** The row of log.batch. @param entries in bundle framing */
export function batchRow(bookId: number, first: number, next: number, acceptedAt: Date, entries: Uint8Array): Copy {
  const rows = new BinaryRows(entries.length + 256);
  rows.row(5);
  rows.int4(bookId);
  rows.int8(first);
  rows.int8(next);
  rows.timestamp(acceptedAt);
  rows.bytes(entries);
  return { target: 'log.batch (book_id, first_index, next_index, accepted_at, entries)', rows };
}
