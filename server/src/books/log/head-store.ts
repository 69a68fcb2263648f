/** SQL for the head of a book and its batches. */
import type { ClientBase, Pool } from 'pg';
import { assert } from '#base/assert';
import { BinaryRows } from '#base/bytes/binary-rows';
import type { Copy } from '#base/bytes/copy-rows';

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

/** Whether this session now holds the book's writer lock. The lock is politeness between processes; the fence is beginAndMoveHead. */
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

/**
 * Begins a transaction and moves the head under the fence, in one round trip. False: somebody else is the writer, or the head is not where we
 * believe; nothing was changed.
 */
export async function beginAndMoveHead(tx: ClientBase, bookId: number, head: Head, next: Head): Promise<boolean> {
  const move = `update log.head set next_index = ${whole(next.nextIndex)}, last_tick = '${next.lastTick.toISOString()}'
    where book_id = ${whole(bookId)} and next_index = ${whole(head.nextIndex)} and epoch = ${whole(head.epoch)}`;
  // Two statements answer with two results, which the types of the driver do not know.
  const results = (await tx.query(`begin; ${move}`)) as unknown as { rowCount: number | null }[];
  return results[1]?.rowCount === 1;
}

/** A simple query takes no parameters: what stands in it are whole numbers. */
function whole(value: number): string {
  assert(Number.isSafeInteger(value), `${value} is no whole number`);
  return String(value);
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
