/** All SQL about public totals: a row a batch for each asset and recipient it touched, true at the log size it ends at. */
import type { ClientBase, Pool } from 'pg';
import type { Total } from './running-totals.ts';

type Reader = Pool | ClientBase;

/** Where a batch's rows go, column by column. */
export const targets = {
  assets: 'giving.total (book_id, asset, size, given, returned, gifts)',
  recipients: 'giving.recipient_total (book_id, recipient, asset, size, given, returned, gifts)',
};

function totalOf(row: { given: string; returned: string; gifts: string }): Total {
  return { given: Number(row.given), returned: Number(row.returned), gifts: Number(row.gifts) };
}

/** Totals by asset, true at log size `size`, or newest for null. */
export async function readAssetTotals(
  read: Reader,
  bookId: number,
  size: number | null,
): Promise<{ asset: string; total: Total }[]> {
  const { rows } = await read.query({
    name: 'giving.read-totals',
    text: `select a.asset, t.given, t.returned, t.gifts from ledger.asset a
           cross join lateral (select given, returned, gifts from giving.total t
             where t.book_id = $1 and t.asset = a.asset and t.size <= $2 order by t.size desc limit 1) t
           where a.book_id = $1 order by a.asset`,
    values: [bookId, size ?? Number.MAX_SAFE_INTEGER],
  });
  return rows.map((row) => ({ asset: row.asset, total: totalOf(row) }));
}

/** Totals by recipient (public id) and asset, true at log size `size`, or newest for null. */
export async function readRecipientTotals(
  read: Reader,
  bookId: number,
  size: number | null,
): Promise<{ recipient: string; asset: string; total: Total }[]> {
  const { rows } = await read.query({
    name: 'giving.read-recipient-totals',
    text: `select r.public_id as recipient, a.asset, t.given, t.returned, t.gifts
           from giving.recipient r cross join lateral unnest(r.assets) a(asset)
           cross join lateral (select given, returned, gifts from giving.recipient_total t
             where t.book_id = $1 and t.recipient = r.public_id and t.asset = a.asset and t.size <= $2
             order by t.size desc limit 1) t`,
    values: [bookId, size ?? Number.MAX_SAFE_INTEGER],
  });
  return rows.map((row) => ({ recipient: row.recipient, asset: row.asset, total: totalOf(row) }));
}

export interface SaidRecipient {
  recipient: string;
  type: 'project' | 'organisation';
  name: { en?: string; zh?: string };
  charity: { en?: string; zh?: string };
}

/** The recipients that the book's log names, by public id, as it last named them. */
export async function readRecipients(read: Reader, bookId: number): Promise<SaidRecipient[]> {
  const { rows } = await read.query(
    `select r.public_id as recipient, e.said->>'type' as type, e.said->'name' as name, e.said->'charity' as charity
     from giving.recipient_entry e join giving.recipient r using (recipient) where e.book_id = $1 order by e.index`,
    [bookId],
  );
  return rows;
}
