/** All SQL of the intake's hot path. Keys travel packed, 16 bytes each: an array of bytea costs ten times as much to send. */
import type { Readable } from 'node:stream';
import type { ClientBase } from 'pg';
import { copyOut } from '#base/bytes/copy-rows';
import { int64Bytes, int64Text } from '#base/bytes/int64';
import { inlined } from '#base/inlined';

/** A gift as the intake needs it again: for duplicates and returns. */
export interface GiftRow {
  /** Place in the keys asked for. */
  at: number;
  index: number;
  terms: number;
  given: number;
  price: number;
  paid: number;
  material: string;
}

export interface NoGiftRow {
  at: number;
  outcome: 'ignored' | 'refused';
  reason: string;
  date: string;
}

function packed(keys: readonly string[]): Buffer {
  return Buffer.from(keys.join(''), 'latin1');
}

// Lateral with a limit: one look into the index a key. As a plain join, a table that was never analysed is read whole for every batch.
const keysOf = `generate_series(0, length($2::bytea) / 16 - 1) i`;
const keyAt = `substring($2::bytea from i * 16 + 1 for 16)`;

export async function readGifts(read: ClientBase, bookId: number, keys: readonly string[]): Promise<GiftRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-gifts',
    text: `select i, k.gift as index, g.* from ${keysOf}
           cross join lateral (select gift from giving.gift_key k where k.book_id = $1 and k.key = ${keyAt} limit 1) k
           cross join lateral giving.gift_at($1, k.gift) g`,
    values: [bookId, packed(keys)],
  });
  return rows.map((row) => ({
    at: row.i,
    index: Number(row.index),
    terms: Number(row.terms),
    given: Number(row.given),
    price: Number(row.price),
    paid: Number(row.paid),
    material: int64Bytes(row.material),
  }));
}

export async function readNoGifts(read: ClientBase, bookId: number, keys: readonly string[]): Promise<NoGiftRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-no-gifts',
    text: `select i as at, n.outcome, n.reason, n.date::text from ${keysOf} cross join lateral (select * from giving.no_gift n where n.book_id = $1 and n.key = ${keyAt} limit 1) n`,
    values: [bookId, packed(keys)],
  });
  return rows;
}

export interface ReturnRow {
  at: number;
  gift: number;
  index: number | null;
  returned: number;
  material: string;
}

export async function readReturns(read: ClientBase, bookId: number, keys: readonly string[]): Promise<ReturnRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-returns',
    text: `select i, r.gift, r.index, r.returned, r.material from ${keysOf} cross join lateral (select * from giving.return r where r.book_id = $1 and r.key = ${keyAt} limit 1) r`,
    values: [bookId, packed(keys)],
  });
  return rows.map((row) => ({
    at: row.i,
    gift: Number(row.gift),
    index: row.index === null ? null : Number(row.index),
    returned: Number(row.returned),
    material: int64Bytes(row.material),
  }));
}

/** Sums of the returns of gifts so far. */
export async function readReturnSums(
  read: ClientBase,
  bookId: number,
  gifts: readonly number[],
): Promise<Map<number, { paid: number; returned: number }>> {
  if (gifts.length === 0) return new Map();
  const { rows } = await read.query({
    name: 'giving.read-return-sums',
    text: `select gift, sum(paid) as paid, sum(returned) as returned from giving.return where book_id = $1 and gift = any($2::bigint[]) group by gift`,
    values: [bookId, gifts],
  });
  return new Map(rows.map((row) => [Number(row.gift), { paid: Number(row.paid), returned: Number(row.returned) }]));
}

export interface NewWaitingReturn extends WaitingReturnRow {
  readonly source: string;
  readonly material: string;
}

export interface WaitingReturnRow {
  key: string;
  lineKey: string;
  event: unknown;
}

export async function readWaitingKeys(
  read: ClientBase,
  bookId: number,
): Promise<{ key: string; lineKey: string; material: string }[]> {
  const { rows } = await read.query(`select key, line_key, material from giving.waiting_return where book_id = $1`, [
    bookId,
  ]);
  return rows.map((row) => ({
    key: row.key.toString('latin1'),
    lineKey: row.line_key.toString('latin1'),
    material: int64Bytes(row.material),
  }));
}

export async function readWaitingReturns(
  read: ClientBase,
  bookId: number,
  lineKeys: readonly string[],
): Promise<WaitingReturnRow[]> {
  if (lineKeys.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-waiting-returns',
    text: `select w.key, w.line_key, w.event from ${keysOf} cross join lateral (select * from giving.waiting_return w where w.book_id = $1 and w.line_key = ${keyAt} offset 0) w
           order by w.arrived_at, w.key`,
    values: [bookId, packed(lineKeys)],
  });
  return rows.map((row) => ({
    key: row.key.toString('latin1'),
    lineKey: row.line_key.toString('latin1'),
    event: row.event,
  }));
}

/** Null for none, as of the statements below. */
export function insertWaitingReturns(
  bookId: number,
  waiting: readonly NewWaitingReturn[],
  arrivedAt: Date,
): string | null {
  if (waiting.length === 0) return null;
  return inlined(
    `insert into giving.waiting_return (book_id, key, line_key, source, event, material, arrived_at)
     select $1, ${keyAt}, substring($3::bytea from i * 16 + 1 for 16), ($4::text[])[i + 1], $5::jsonb -> i, ($7::bigint[])[i + 1], $6::timestamptz from ${keysOf}`,
    [
      bookId,
      packed(waiting.map(({ key }) => key)),
      packed(waiting.map(({ lineKey }) => lineKey)),
      waiting.map(({ source }) => source),
      JSON.stringify(waiting.map(({ event }) => event)),
      arrivedAt,
      waiting.map(({ material }) => int64Text(material)),
    ],
  );
}

export function deleteWaitingReturns(bookId: number, keys: readonly string[]): string | null {
  if (keys.length === 0) return null;
  return inlined(`delete from giving.waiting_return w using ${keysOf} where w.book_id = $1 and w.key = ${keyAt}`, [
    bookId,
    packed(keys),
  ]);
}

/** Drops returns that waited too long. Returns their keys. */
export async function deleteExpiredReturns(tx: ClientBase, bookId: number, before: Date): Promise<string[]> {
  const { rows } = await tx.query(
    `delete from giving.waiting_return where book_id = $1 and arrived_at < $2 returning key`,
    [bookId, before],
  );
  return rows.map((row) => row.key.toString('latin1'));
}

export function upsertNoGifts(
  bookId: number,
  rows: readonly { key: string; outcome: string; reason: string; date: string }[],
): string | null {
  if (rows.length === 0) return null;
  return inlined(
    `insert into giving.no_gift (book_id, key, outcome, reason, date)
     select $1, ${keyAt}, ($3::text[])[i + 1], ($4::text[])[i + 1], ($5::date[])[i + 1] from ${keysOf}
     on conflict (book_id, key) do update
     set outcome = excluded.outcome, reason = excluded.reason, date = excluded.date, seen_at = now()`,
    [
      bookId,
      packed(rows.map(({ key }) => key)),
      rows.map((r) => r.outcome),
      rows.map((r) => r.reason),
      rows.map((r) => r.date),
    ],
  );
}

export function deleteNoGifts(bookId: number, keys: readonly string[]): string | null {
  if (keys.length === 0) return null;
  return inlined(`delete from giving.no_gift n using ${keysOf} where n.book_id = $1 and n.key = ${keyAt}`, [
    bookId,
    packed(keys),
  ]);
}

/** Where a batch's rows go, column by column. */
export const targets = {
  giftKeys: 'giving.gift_key (gift, book_id, key)',
  gifts: 'giving.gift_run (book_id, first, next, at, terms, given, price, paid, material)',
  noGifts: 'giving.no_gift (book_id, key, outcome, reason, date)',
  returns: 'giving.return (book_id, key, gift, index, paid, returned, material)',
};

/** All keys of lines and persons of a book, as binary COPY streams of one bytea column, one after the other. */
export async function* copyOutKeys(client: ClientBase, bookId: number): AsyncGenerator<Readable> {
  for (const column of ['key from giving.gift_key', 'key from giving.no_gift', 'person from giving.person'])
    yield copyOut(client, `select ${column} where book_id = ${bookId}`);
}
