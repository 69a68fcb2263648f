/** SQL of the registry: rows by their ids, and what a batch writes. Lists are in list.ts, the catalogue's reading in load.ts. */
import type { PriceBase } from '@rivulet/client/contract';
import type { GivingTerms, Name } from '@rivulet/verifier';
import type { ClientBase, Pool } from 'pg';
import type { Requested } from '../pledge/pledge.ts';

type Reader = Pool | ClientBase;

export interface SourceRow {
  readonly source: string;
  readonly bookId: number;
  readonly name: Name;
  readonly zone: string;
  readonly currencies: readonly string[];
  readonly base: readonly PriceBase[];
  /** Of its newest entry. */
  readonly index: number;
}

export interface RecipientRow {
  readonly recipient: string;
  readonly publicId: string;
  readonly type: 'project' | 'organisation';
  readonly name: Name;
  readonly charity: Name;
  readonly assets: readonly string[];
}

export interface MerchantRow {
  readonly source: string;
  readonly merchant: string;
  readonly bookId: number;
  readonly publicId: string;
  readonly name: Name | null;
  readonly isPublic: boolean;
  readonly agreement: { readonly reference: string; readonly signedOn: string } | null;
  /** Of its newest entry. */
  readonly index: number;
}

/** The newest version of a pledge. */
export interface LatestRow {
  readonly source: string;
  readonly pledge: string;
  readonly requested: Requested;
  readonly entry: GivingTerms;
}

export interface TermsRow extends LatestRow {
  readonly bookId: number;
  readonly index: number;
  readonly version: number;
  readonly startsMs: number;
  readonly endsMs: number | null;
}

export interface PledgeRow {
  readonly source: string;
  readonly pledge: string;
  readonly bookId: number;
  readonly merchant: string;
  readonly publicId: string;
}

export interface PointRow {
  readonly source: string;
  readonly merchant: string;
  readonly item: string;
  readonly fromMs: number;
  readonly pledge: string | null;
}

// Reading

export async function readSources(read: Reader, sources: readonly string[]): Promise<SourceRow[]> {
  if (sources.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-sources',
    text: `select source, book_id as "bookId", name, zone, currencies, base, index from giving.source where source = any($1::text[])`,
    values: [sources],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}

const recipientColumns = `recipient, public_id as "publicId", type, name, charity, assets`;

export async function readRecipients(read: Reader, recipients: readonly string[]): Promise<RecipientRow[]> {
  if (recipients.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-recipients',
    text: `select ${recipientColumns} from giving.recipient where recipient = any($1::text[])`,
    values: [recipients],
  });
  return rows;
}

/** Recipients' newest entries in one book, by the operator's id. */
export async function readSaid(
  read: Reader,
  bookId: number,
  recipients: readonly string[],
): Promise<{ recipient: string; said: unknown }[]> {
  if (recipients.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-said',
    text: `select recipient, said from giving.recipient_entry where book_id = $1 and recipient = any($2::text[])`,
    values: [bookId, recipients],
  });
  return rows;
}

/** Books that said one of these recipients. */
export async function readSayingBooks(read: Reader, recipients: readonly string[]): Promise<number[]> {
  const { rows } = await read.query(
    `select distinct book_id from giving.recipient_entry where recipient = any($1::text[]) order by book_id`,
    [recipients],
  );
  return rows.map((row) => row.book_id);
}

/** Of these recipients and their assets those that some version of a pledge gives which governs at `at` or later. */
export async function readAssetsInUse(
  read: Reader,
  recipients: readonly string[],
  at: Date,
): Promise<{ recipient: string; asset: string }[]> {
  if (recipients.length === 0) return [];
  const { rows } = await read.query(
    `select distinct share->>'recipient' as recipient, t.requested->>'currency' as asset
     from giving.terms t cross join lateral jsonb_array_elements(t.requested->'recipients') share
     where share->>'recipient' = any($1::text[]) and not t.requested ? 'ended' and (t.ends_at is null or t.ends_at > $2)
       and not exists (select from giving.terms n where n.source = t.source and n.pledge = t.pledge and n.version > t.version
         and n.starts_at <= $2)`,
    [recipients, at],
  );
  return rows;
}

export async function readMerchants(
  read: Reader,
  sources: readonly string[],
  merchants: readonly string[],
): Promise<MerchantRow[]> {
  if (merchants.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-merchants',
    text: `select source, merchant, book_id as "bookId", public_id as "publicId", name, is_public as "isPublic", agreement, index
           from giving.merchant join unnest($1::text[], $2::text[]) asked(source, merchant) using (source, merchant)`,
    values: [sources, merchants],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}

/** Merchants of these that have a pledge. */
export async function readPledging(
  read: Reader,
  sources: readonly string[],
  merchants: readonly string[],
): Promise<{ source: string; merchant: string }[]> {
  if (merchants.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-pledging',
    text: `select source, merchant from unnest($1::text[], $2::text[]) asked(source, merchant)
           where exists (select from giving.pledge p where p.source = asked.source and p.merchant = asked.merchant)`,
    values: [sources, merchants],
  });
  return rows;
}

export async function readLatest(
  read: Reader,
  sources: readonly string[],
  pledges: readonly string[],
): Promise<LatestRow[]> {
  if (pledges.length === 0) return [];
  const { rows } = await read.query({
    name: 'giving.read-latest-terms',
    text: `select source, pledge, t.requested, t.entry from unnest($1::text[], $2::text[]) asked(source, pledge)
           cross join lateral (select requested, entry from giving.terms t
             where t.source = asked.source and t.pledge = asked.pledge order by version desc limit 1) t`,
    values: [sources, pledges],
  });
  return rows;
}

// Writing, in a batch's transaction

/** Fails on the key when the source was made meanwhile, in this or another book. */
export async function insertSource(tx: ClientBase, row: SourceRow): Promise<void> {
  await tx.query(
    `insert into giving.source (source, book_id, name, zone, currencies, base, index) values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.source, row.bookId, row.name, row.zone, row.currencies, row.base, row.index],
  );
}

/** Everything may change but the book. */
export async function updateSource(tx: ClientBase, row: SourceRow): Promise<void> {
  await tx.query(
    `update giving.source set name = $2, zone = $3, currencies = $4, base = $5, index = $6 where source = $1`,
    [row.source, row.name, row.zone, row.currencies, row.base, row.index],
  );
}

export async function upsertRecipients(tx: ClientBase, rows: readonly RecipientRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.recipient (recipient, public_id, type, name, charity, assets)
     select recipient, "publicId", type, name, charity, assets
     from jsonb_to_recordset($1) as r(recipient text, "publicId" text, type text, name jsonb, charity jsonb, assets text[])
     on conflict (recipient) do update set type = excluded.type, name = excluded.name, charity = excluded.charity, assets = excluded.assets`,
    [JSON.stringify(rows)],
  );
}

export async function upsertSaid(
  tx: ClientBase,
  bookId: number,
  rows: readonly { recipient: string; said: unknown; index: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.recipient_entry (book_id, recipient, said, index)
     select $1, recipient, said, index from jsonb_to_recordset($2) as r(recipient text, said jsonb, index bigint)
     on conflict (book_id, recipient) do update set said = excluded.said, index = excluded.index`,
    [bookId, JSON.stringify(rows)],
  );
}

export async function upsertMerchants(tx: ClientBase, rows: readonly MerchantRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.merchant (source, merchant, book_id, public_id, name, is_public, agreement, index)
     select source, merchant, "bookId", "publicId", nullif(name, 'null'), "isPublic", nullif(agreement, 'null'), index
     from jsonb_to_recordset($1) as r(source text, merchant text, "bookId" int, "publicId" text, name jsonb, "isPublic" boolean,
       agreement jsonb, index bigint)
     on conflict (source, merchant) do update set name = excluded.name, is_public = excluded.is_public,
       agreement = excluded.agreement, index = excluded.index`,
    [JSON.stringify(rows)],
  );
}

export async function insertPledges(tx: ClientBase, rows: readonly PledgeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.pledge (source, pledge, book_id, merchant, public_id)
     select source, pledge, "bookId", merchant, "publicId"
     from jsonb_to_recordset($1) as r(source text, pledge text, "bookId" int, merchant text, "publicId" text)`,
    [JSON.stringify(rows)],
  );
}

export async function insertTerms(tx: ClientBase, rows: readonly TermsRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.terms (book_id, index, source, pledge, version, requested, entry, starts_at, ends_at)
     select "bookId", index, source, pledge, version, requested, entry, to_timestamp("startsMs" / 1000), to_timestamp("endsMs" / 1000)
     from jsonb_to_recordset($1) as r("bookId" int, index bigint, source text, pledge text, version int, requested jsonb, entry jsonb,
       "startsMs" bigint, "endsMs" bigint)`,
    [JSON.stringify(rows)],
  );
}

/** A point that is there already gets the new pledge, and comes again in the feed. */
export async function upsertPoints(tx: ClientBase, rows: readonly PointRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into giving.item (source, merchant, item, starts_at, pledge)
     select source, merchant, item, to_timestamp("fromMs" / 1000), pledge
     from jsonb_to_recordset($1) as r(source text, merchant text, item text, "fromMs" bigint, pledge text)
     on conflict (source, merchant, item, starts_at) do update set pledge = excluded.pledge, seq = default`,
    [JSON.stringify(rows)],
  );
}

/** Brings the items of these pledges to the end of the feed: from when or until when they hold has changed. */
export async function renewFeed(tx: ClientBase, source: readonly string[], pledge: readonly string[]): Promise<void> {
  if (pledge.length === 0) return;
  await tx.query(
    `update giving.item i set seq = default from unnest($1::text[], $2::text[]) p(source, pledge)
     where i.source = p.source and i.pledge = p.pledge`,
    [source, pledge],
  );
}
