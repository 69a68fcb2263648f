/** SQL of integration: reads what the writer committed, moves the signed state by compare-and-swap, drops batches that the tiles hold. */
import type { ClientBase } from 'pg';

export interface SignedState {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly signedAt: Date;
}

export interface DatabaseState {
  /** log.head.next_index: entries 0 … head - 1 are committed. */
  readonly head: number;
  /** Null before the first signature. */
  readonly signed: SignedState | null;
  readonly closed: boolean;
}

export interface StoredBatch {
  readonly first: number;
  readonly next: number;
  readonly acceptedAt: Date;
  /** Bundle framing. */
  readonly entries: Buffer;
}

/** Head and signed state, from one snapshot. Null when the book has no head. */
export async function readState(client: ClientBase, bookId: number): Promise<DatabaseState | null> {
  const { rows } = await client.query({
    name: 'log.read-state',
    text: `select h.next_index, h.closed_at is not null as closed, s.size, s.root, s.note, s.signed_at
           from log.head h left join log.signed s using (book_id) where book_id = $1`,
    values: [bookId],
  });
  const row = rows[0];
  if (row === undefined) return null;
  const signed =
    row.size === null
      ? null
      : { size: Number(row.size), root: row.root, note: row.note, signedAt: row.signed_at as Date };
  return { head: Number(row.next_index), signed, closed: row.closed };
}

/**
 * Batches that hold entries from `from` on, in order: at least one if there is any, then as many as fit `maxRows` and `maxBytes`. The first may
 * begin before `from`. Bytes come as hexadecimal: in binary mode the driver passes them through a text decoder, which spoils them.
 */
export async function readBatches(
  client: ClientBase,
  bookId: number,
  from: number,
  limits: { maxRows: number; maxBytes: number },
): Promise<StoredBatch[]> {
  const { rows } = await client.query({
    name: 'log.read-batches',
    text: `select first_index::text as first, next_index::text as next, extract(epoch from accepted_at)::text as accepted, entries
           from (
             select *, sum(octet_length(entries)) over (order by first_index) - octet_length(entries) as bytes_before
             from (
               select first_index, next_index, accepted_at, entries from log.batch
               where book_id = $1 and next_index > $2 and first_index >= coalesce(
                 (select max(first_index) from log.batch where book_id = $1 and first_index <= $2), $2)
               order by first_index limit $3) as waiting) as counted
           where bytes_before < $4 order by first_index`,
    values: [bookId, from, limits.maxRows, limits.maxBytes],
  });
  return rows.map((row) => ({
    first: Number(row.first),
    next: Number(row.next),
    acceptedAt: new Date(Number(row.accepted) * 1000),
    entries: row.entries,
  }));
}

/** Moves the signed state from `old` to `next`. False: somebody else moved it; nothing was changed. Durable when it returns. */
export async function swapSigned(
  client: ClientBase,
  bookId: number,
  old: SignedState | null,
  next: SignedState,
): Promise<boolean> {
  const values = [bookId, next.size, next.root, next.note, next.signedAt];
  const { rowCount } =
    old === null
      ? await client.query(
          `insert into log.signed (book_id, size, root, note, signed_at) values ($1, $2, $3, $4, $5)
           on conflict (book_id) do nothing`,
          values,
        )
      : await client.query({
          name: 'log.swap-signed',
          text: `update log.signed set size = $2, root = $3, note = $4, signed_at = $5
                 where book_id = $1 and size = $6 and root = $7 and note = $8 and size <= $2`,
          values: [...values, old.size, old.root, old.note],
        });
  return rowCount === 1;
}

/** Deletes integrated batches that were accepted before `before`. Returns how many. */
export async function pruneBatches(client: ClientBase, bookId: number, size: number, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `delete from log.batch where book_id = $1 and next_index <= $2 and accepted_at < $3`,
    [bookId, size, before],
  );
  return rowCount ?? 0;
}

/** Whether this session now holds the book's integration lock: politeness between processes; the fence is swapSigned. */
export async function tryIntegrationLock(client: ClientBase, bookId: number): Promise<boolean> {
  const { rows } = await client.query(`select pg_try_advisory_lock(hashtext('rivulet.integration'), $1) as held`, [
    bookId,
  ]);
  return rows[0].held;
}
