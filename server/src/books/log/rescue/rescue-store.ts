/** SQL of rescue: both locks of a book, the rows that the tiles give back, the windows that are still to be matched. */
import type { ClientBase } from 'pg';
import { addKey } from '../keys/key-store.ts';
import type { KeyEntry } from '../keys/log-keys.ts';

export interface LostWindow {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly rescuedAt: Date;
}

/** Whether nobody writes or integrates the book, and nobody will until this session ends. */
export async function tryRescueLocks(client: ClientBase, bookId: number): Promise<boolean> {
  const { rows } = await client.query(
    `select pg_try_advisory_lock(hashtext('rivulet.writer'), $1) and pg_try_advisory_lock(hashtext('rivulet.integration'), $1) as held`,
    [bookId],
  );
  return rows[0].held;
}

/** Moves the head past the window, under a new epoch: no writer that knew the old head can go on. False when it was moved meanwhile. */
export async function moveRescuedHead(
  tx: ClientBase,
  bookId: number,
  from: number,
  to: number,
  lastTick: Date | null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update log.head set next_index = $3, epoch = epoch + 1, last_tick = greatest(last_tick, $4)
     where book_id = $1 and next_index = $2`,
    [bookId, from, to, lastTick],
  );
  return rowCount === 1;
}

export async function insertRescuedBatch(
  tx: ClientBase,
  bookId: number,
  first: number,
  next: number,
  entries: Buffer,
): Promise<void> {
  await tx.query('insert into log.batch (book_id, first_index, next_index, entries) values ($1, $2, $3, $4)', [
    bookId,
    first,
    next,
    entries,
  ]);
}

export async function setSigned(
  tx: ClientBase,
  bookId: number,
  signed: { size: number; root: Uint8Array; note: string; signedAt: Date },
): Promise<void> {
  await tx.query(
    `insert into log.signed (book_id, size, root, note, signed_at) values ($1, $2, $3, $4, $5)
     on conflict (book_id) do update
       set size = excluded.size, root = excluded.root, note = excluded.note,
           signed_at = greatest(excluded.signed_at, log.signed.signed_at)`,
    [bookId, signed.size, signed.root, signed.note, signed.signedAt],
  );
}

export async function addLostWindow(tx: ClientBase, bookId: number, from: number, to: number): Promise<void> {
  await tx.query('insert into log.rescue (book_id, from_index, to_index) values ($1, $2, $3)', [bookId, from, to]);
}

export async function addRescuedKey(tx: ClientBase, bookId: number, index: number, key: KeyEntry): Promise<void> {
  await addKey(tx, bookId, index, key);
}

/** Windows that were rescued and are not matched yet: while there is one, the book's intake stays closed. */
export async function openWindows(client: ClientBase, bookId: number): Promise<LostWindow[]> {
  const { rows } = await client.query(
    `select from_index, to_index, rescued_at from log.rescue where book_id = $1 and reopened_at is null order by from_index`,
    [bookId],
  );
  return rows.map((row) => ({
    from: Number(row.from_index),
    to: Number(row.to_index),
    rescuedAt: row.rescued_at,
  }));
}

/** Says that the sources have sent a window again and every gift in it was matched. False when it is not open. */
export async function closeWindow(tx: ClientBase, bookId: number, from: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update log.rescue set reopened_at = now() where book_id = $1 and from_index = $2 and reopened_at is null',
    [bookId, from],
  );
  return rowCount === 1;
}

/** Ends a book for good at its published size: nothing is accepted or signed any more. */
export async function closeBook(client: ClientBase, bookId: number): Promise<void> {
  await client.query(
    'update log.head set closed_at = coalesce(closed_at, now()), epoch = epoch + 1 where book_id = $1',
    [bookId],
  );
}
