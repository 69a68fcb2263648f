/** SQL for the head of a book and its batches. */
import type { ClientBase, Pool } from 'pg';

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

/** Moves the head under the fence. False: somebody else is the writer, or the head is not where we believe; nothing was changed. */
export async function moveHead(
  tx: ClientBase,
  bookId: number,
  head: Head,
  next: number,
  lastTick: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'log.move-head',
    text: `update log.head set next_index = $4, last_tick = $5 where book_id = $1 and next_index = $2 and epoch = $3`,
    values: [bookId, head.nextIndex, head.epoch, next, lastTick],
  });
  return rowCount === 1;
}

export async function insertBatch(
  tx: ClientBase,
  bookId: number,
  first: number,
  next: number,
  acceptedAt: Date,
  entries: Buffer,
): Promise<void> {
  await tx.query({
    name: 'log.insert-batch',
    text: `insert into log.batch (book_id, first_index, next_index, accepted_at, entries) values ($1, $2, $3, $4, $5)`,
    values: [bookId, first, next, acceptedAt, entries],
  });
}
