/** All SQL of what a rescue brought back: gifts and returns without their keys, registry rows without their private ids. */
import {
  canonical,
  type GivingMerchant,
  type GivingRecipient,
  type GivingSource,
  type GivingTerms,
} from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { Requested } from '../pledge/pledge.ts';

export interface LostGift {
  readonly index: number;
  readonly terms: number;
  readonly asset: string;
  readonly given: number;
  readonly seal: string;
  /** Leaf hash of its entry, a binary string. */
  readonly leaf: string;
}

export interface LostReturn {
  readonly index: number;
  readonly gift: number;
  readonly asset: string;
  readonly returned: number;
  readonly seal: string;
  readonly leaf: string;
}

export async function readLostGifts(read: ClientBase, bookId: number): Promise<LostGift[]> {
  const { rows } = await read.query(
    `select index, terms, asset, given, seal, leaf from giving.lost_gift where book_id = $1 order by index`,
    [bookId],
  );
  return rows.map((row) => ({
    index: Number(row.index),
    terms: Number(row.terms),
    asset: row.asset,
    given: Number(row.given),
    seal: row.seal,
    leaf: row.leaf.toString('latin1'),
  }));
}

export async function readLostReturns(read: ClientBase, bookId: number): Promise<LostReturn[]> {
  const { rows } = await read.query(
    `select index, gift, asset, returned, seal, leaf from giving.lost_return where book_id = $1 order by index`,
    [bookId],
  );
  return rows.map((row) => ({
    index: Number(row.index),
    gift: Number(row.gift),
    asset: row.asset,
    returned: Number(row.returned),
    seal: row.seal,
    leaf: row.leaf.toString('latin1'),
  }));
}

export async function insertLostGifts(tx: ClientBase, bookId: number, gifts: readonly LostGift[]): Promise<void> {
  if (gifts.length === 0) return;
  await tx.query(
    `insert into giving.lost_gift (book_id, index, terms, asset, given, seal, leaf)
     select $1, index, terms, asset, given, seal, decode(leaf, 'hex')
     from jsonb_to_recordset($2) as r(index bigint, terms bigint, asset text, given bigint, seal text, leaf text)`,
    [bookId, JSON.stringify(gifts.map(withHexLeaf))],
  );
}

export async function insertLostReturns(tx: ClientBase, bookId: number, returns: readonly LostReturn[]): Promise<void> {
  if (returns.length === 0) return;
  await tx.query(
    `insert into giving.lost_return (book_id, index, gift, asset, returned, seal, leaf)
     select $1, index, gift, asset, returned, seal, decode(leaf, 'hex')
     from jsonb_to_recordset($2) as r(index bigint, gift bigint, asset text, returned bigint, seal text, leaf text)`,
    [bookId, JSON.stringify(returns.map(withHexLeaf))],
  );
}

function withHexLeaf<T extends { leaf: string }>(row: T): T {
  return { ...row, leaf: Buffer.from(row.leaf, 'latin1').toString('hex') };
}

export async function deleteLost(
  tx: ClientBase,
  bookId: number,
  gifts: readonly number[],
  returns: readonly number[],
): Promise<void> {
  await tx.query(`delete from giving.lost_gift where book_id = $1 and index = any($2::bigint[])`, [bookId, gifts]);
  await tx.query(`delete from giving.lost_return where book_id = $1 and index = any($2::bigint[])`, [bookId, returns]);
}

export async function countLost(read: ClientBase, bookId: number): Promise<{ gifts: number; returns: number }> {
  const { rows } = await read.query(
    `select (select count(*) from giving.lost_gift where book_id = $1) as gifts,
       (select count(*) from giving.lost_return where book_id = $1) as returns`,
    [bookId],
  );
  return { gifts: Number(rows[0].gifts), returns: Number(rows[0].returns) };
}

// The registry. What the log does not say stays as it was. A row that the database does not know is made under its public id: nobody's own id
// is that, so no event can name it, and a source that says its merchant or pledge again gets a new one.

export async function restoreSource(tx: ClientBase, bookId: number, entry: GivingSource, index: number): Promise<void> {
  const { name, source, zone } = entry;
  await tx.query(
    `insert into giving.source (source, book_id, name, zone, currencies, base, index) values ($1, $2, $3, $4, '{}', '{}', $5)
     on conflict (source) do update set name = excluded.name, zone = excluded.zone, index = excluded.index`,
    [source, bookId, name, zone, index],
  );
}

export async function restoreRecipient(
  tx: ClientBase,
  bookId: number,
  said: GivingRecipient,
  index: number,
): Promise<void> {
  const { recipient, type, name, charity, assets } = said;
  const { rows } = await tx.query(
    `insert into giving.recipient (recipient, public_id, type, name, charity, assets) values ($1, $1, $2, $3, $4, $5)
     on conflict (public_id) do update set type = excluded.type, name = excluded.name, charity = excluded.charity, assets = excluded.assets
     returning recipient`,
    [recipient, type, name, charity, assets],
  );
  await tx.query(
    `insert into giving.recipient_entry (book_id, recipient, said, index) values ($1, $2, $3, $4)
     on conflict (book_id, recipient) do update set said = excluded.said, index = excluded.index`,
    [bookId, rows[0].recipient, said, index],
  );
}

/** @returns whether the database knew it */
export async function restoreMerchant(
  tx: ClientBase,
  bookId: number,
  entry: GivingMerchant,
  index: number,
): Promise<boolean> {
  const { merchant, name, source } = entry;
  const known = await tx.query(
    `update giving.merchant set name = coalesce($2, name), is_public = $3, index = $4 where public_id = $1`,
    [merchant, name ?? null, name !== undefined, index],
  );
  if (known.rowCount === 1) return true;
  await tx.query(
    `insert into giving.merchant (source, merchant, book_id, public_id, name, is_public, agreement, index)
     values ($1, $2, $3, $2, $4, $5, null, $6)`,
    [source, merchant, bookId, name ?? null, name !== undefined, index],
  );
  return false;
}

/** The merchant and the recipients must be there. @param publicIds of the recipients, in order @returns whether the database knew the pledge */
export async function restoreTerms(
  tx: ClientBase,
  bookId: number,
  entry: GivingTerms,
  index: number,
  publicIds: readonly string[],
): Promise<boolean> {
  const merchants = await tx.query(`select source, merchant from giving.merchant where public_id = $1`, [
    entry.merchant,
  ]);
  const { source, merchant } = merchants.rows[0];
  const made = await tx.query(
    `insert into giving.pledge (source, pledge, book_id, merchant, public_id) values ($1, $2, $3, $4, $2)
     on conflict (public_id) do nothing`,
    [source, entry.pledge, bookId, merchant],
  );
  const { rows } = await tx.query(`select pledge from giving.pledge where public_id = $1`, [entry.pledge]);
  const requested = await requestedOf(tx, entry, publicIds, { pledge: rows[0].pledge, merchant });
  await tx.query(
    `insert into giving.terms (book_id, index, source, pledge, version, requested, entry, starts_at, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      bookId,
      index,
      source,
      rows[0].pledge,
      entry.version,
      requested,
      canonical(entry),
      entry.from,
      entry.until ?? null,
    ],
  );
  return made.rowCount === 0;
}

/** As near to the source's own words as the entry says them. */
async function requestedOf(
  tx: ClientBase,
  entry: GivingTerms,
  publicIds: readonly string[],
  { pledge, merchant }: { pledge: string; merchant: string },
): Promise<Requested> {
  const { rows } = await tx.query(
    `select public_id as "publicId", recipient from giving.recipient where public_id = any($1::text[])`,
    [publicIds],
  );
  const names = new Map<string, string>(rows.map((row) => [row.publicId, row.recipient]));
  const { rule } = entry;
  return {
    pledge,
    merchant,
    currency: entry.asset,
    ...('basisPoints' in rule ? { basisPoints: rule.basisPoints } : { fixedMinor: rule.fixed, per: rule.per }),
    recipients: entry.recipients.map(([, weight], i) => ({ recipient: names.get(publicIds[i] ?? '') ?? '', weight })),
    startsAt: entry.from,
    ...(entry.until === undefined ? {} : { endsAt: entry.until }),
    ...(entry.cap === undefined ? {} : { capMinor: entry.cap }),
    imported: entry.imported ?? false,
    ...(entry.ended ? { ended: true as const } : {}),
  };
}
