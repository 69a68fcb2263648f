/** Lists of the registry, page by page, as the contract shows them. */
import type { FeedRow, Item, Merchant, Page, PageQuery, Pledge, Recipient, Source } from '@rivulet/client/contract';
import type { Pool } from 'pg';
import { type Refusal, refusal } from '#base/refusal';
import type { GivingContext } from '../book.ts';
import { timeText } from '../pledge/moment.ts';
import { sourceAnswer } from './put-source.ts';
import { readSources } from './store.ts';

export async function listSources(context: GivingContext, { after = '', limit }: PageQuery): Promise<Page<Source>> {
  const { rows } = await context.pool.query(
    `select source from giving.source where source > $1 order by source limit $2`,
    [after, limit + 1],
  );
  const found = await readSources(
    context.pool,
    rows.map((row) => row.source),
  );
  found.sort((a, b) => (a.source < b.source ? -1 : 1));
  const page = pageOf(found, limit, (row) => row.source);
  return { list: page.list.map((row) => sourceAnswer(row, context)), next: page.next };
}

export async function listRecipients(pool: Pool, { after = '', limit }: PageQuery): Promise<Page<Recipient>> {
  const { rows } = await pool.query(
    `select recipient, public_id as "publicId", type, name, charity, assets from giving.recipient
     where recipient > $1 order by recipient limit $2`,
    [after, limit + 1],
  );
  return pageOf(rows, limit, (row) => row.recipient);
}

export async function listMerchants(
  pool: Pool,
  source: string,
  { after = '', limit }: PageQuery,
): Promise<Page<Merchant>> {
  const { rows } = await pool.query(
    `select merchant, public_id as "publicId", name, is_public as public, agreement from giving.merchant
     where source = $1 and merchant > $2 order by merchant limit $3`,
    [source, after, limit + 1],
  );
  return pageOf(rows.map(withoutNulls), limit, (row) => row.merchant);
}

/** Each pledge's newest version. */
export async function listPledges(pool: Pool, source: string, { after = '', limit }: PageQuery): Promise<Page<Pledge>> {
  const { rows } = await pool.query(
    `select p.pledge, p.public_id, p.merchant, t.index, t.requested, t.entry, t.starts_at, t.ends_at from giving.pledge p
     cross join lateral (select * from giving.terms t where t.source = p.source and t.pledge = p.pledge order by version desc limit 1) t
     where p.source = $1 and p.pledge > $2 order by p.pledge limit $3`,
    [source, after, limit + 1],
  );
  const list = rows.map(({ pledge, public_id, merchant, index, requested, entry, starts_at, ends_at }) => {
    const { basisPoints, fixed, per } = entry.rule;
    const endsAt = entry.ended ? starts_at : ends_at;
    return {
      pledge,
      publicId: public_id,
      merchant,
      version: entry.version,
      currency: entry.asset,
      ...(basisPoints === undefined ? { fixedMinor: fixed, per } : { basisPoints }),
      recipients: requested.recipients,
      startsAt: timeText(starts_at.getTime()),
      ...(endsAt === null ? {} : { endsAt: timeText(endsAt.getTime()) }),
      ...(entry.cap === undefined ? {} : { capMinor: entry.cap }),
      imported: entry.imported ?? false,
      termsIndex: Number(index),
    };
  });
  return pageOf(list, limit, (row) => row.pledge);
}

/** Points in time at which items changed their pledge, in the order in which they were last said. */
export async function listItems(pool: Pool, source: string, query: PageQuery): Promise<Page<Item> | Refusal> {
  const after = sequence(query);
  if (after === null) return badCursor;
  const { rows } = await pool.query(
    `select seq, merchant, item, pledge, starts_at from giving.item where source = $1 and seq > $2 order by seq limit $3`,
    [source, after, query.limit + 1],
  );
  const page = pageOf(rows, query.limit, (row) => String(row.seq));
  const list = page.list.map(({ merchant, item, pledge, starts_at }) => {
    return { merchant, item, pledge, startsAt: timeText(starts_at.getTime()) };
  });
  return { list, next: page.next };
}

/**
 * Pledged items, in the order in which anything about them last changed; so a marketplace that keeps `next` learns of every change. The last page
 * is the empty one. A row holds from the start of its pledge at the earliest and until its end, or until the item's next row, at the latest.
 */
export async function readFeed(pool: Pool, source: string, query: PageQuery): Promise<Page<FeedRow> | Refusal> {
  const after = sequence(query);
  if (after === null) return badCursor;
  const { rows } = await pool.query(
    `select i.seq, i.merchant, i.item, i.pledge, greatest(i.starts_at, p.starts_at) as from_at,
       least(p.ends_at, (select min(n.starts_at) from giving.item n where n.source = i.source and n.merchant = i.merchant
         and n.item = i.item and n.starts_at > i.starts_at)) as until_at
     from (select * from giving.item where source = $1 and seq > $2 order by seq limit $3) i
     left join lateral (select (select min(f.starts_at) from giving.terms f where f.source = i.source and f.pledge = i.pledge) as starts_at,
       case when t.entry ? 'ended' then t.starts_at else t.ends_at end as ends_at
       from giving.terms t where t.source = i.source and t.pledge = i.pledge order by t.version desc limit 1) p on true
     order by i.seq`,
    [source, after, query.limit],
  );
  const list = rows.map(({ merchant, item, pledge, from_at, until_at }) => {
    const until = until_at === null ? {} : { until: timeText(until_at.getTime()) };
    return { merchant, item, pledge, from: timeText(from_at.getTime()), ...until };
  });
  return { list, next: rows.length === 0 ? null : String(rows.at(-1).seq) };
}

/** @param rows one more than `limit` when there is a next page */
function pageOf<T>(rows: readonly T[], limit: number, cursor: (row: T) => string): Page<T> {
  const list = rows.slice(0, limit);
  const last = list.at(-1);
  return { list, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}

function sequence({ after = '0' }: PageQuery): string | null {
  return /^\d{1,18}$/.test(after) ? after : null;
}

function withoutNulls<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

const badCursor = refusal(
  'invalid',
  'bad_format',
  'must be the `next` of the page before',
  '必须是上一页的 next',
  'after',
);
