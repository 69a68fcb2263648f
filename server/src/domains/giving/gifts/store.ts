/** SQL for looking at gifts, their proofs and openings. */
import type { ClientBase, Pool } from 'pg';

type Reader = Pool | ClientBase;

export interface GiftFacts {
  index: number;
  termsIndex: number;
  given: bigint;
  source: string;
  merchant: string;
  merchantPublicId: string;
  merchantName: { en?: string; zh?: string } | null;
  merchantIndex: number;
  asset: string;
  scale: number;
  assetIndex: number;
  imported: boolean;
  returned: bigint;
  returnIndices: number[];
}

export async function readGift(read: Reader, bookId: number, index: number): Promise<GiftFacts | null> {
  const { rows } = await read.query({
    name: 'giving.read-gift',
    text: `select g.terms, g.given, t.source, m.merchant, m.public_id, case when m.is_public then m.name end as name,
             m.index as merchant_index, a.asset, a.scale, a.index as asset_index, coalesce((t.entry->>'imported')::boolean, false) as imported,
             coalesce(r.returned, 0) as returned, coalesce(r.indices, '{}') as indices
           from giving.gift_at($1, $2) g
           join giving.terms t on t.book_id = $1 and t.index = g.terms
           join giving.pledge p on p.source = t.source and p.pledge = t.pledge
           join giving.merchant m on m.source = p.source and m.merchant = p.merchant
           join ledger.asset a on a.book_id = $1 and a.asset = t.entry->>'asset'
           left join lateral (select sum(returned) as returned, array_agg(index order by index) filter (where index is not null) as indices
             from giving.return r where r.book_id = $1 and r.gift = $2) r on true`,
    values: [bookId, index],
  });
  const row = rows[0];
  if (row === undefined) return null;
  return {
    index,
    termsIndex: Number(row.terms),
    given: BigInt(row.given),
    source: row.source,
    merchant: row.merchant,
    merchantPublicId: row.public_id,
    merchantName: row.name,
    merchantIndex: Number(row.merchant_index),
    asset: row.asset,
    scale: row.scale,
    assetIndex: Number(row.asset_index),
    imported: row.imported,
    returned: BigInt(row.returned),
    returnIndices: row.indices.map(Number),
  };
}

export interface PartFacts {
  amount: bigint;
  returned: bigint;
  accountIndex: number;
  fromAccountIndex: number;
  recipient: string;
  recipientIndex: number;
  type: 'project' | 'organisation';
  name: { en?: string; zh?: string };
  charity: { en?: string; zh?: string };
}

/** The gift's moves with what is declared returned of each, and whom each is for. */
export async function readParts(read: Reader, bookId: number, index: number): Promise<PartFacts[]> {
  const { rows } = await read.query({
    name: 'giving.read-parts',
    text: `select t.amount, a.index as account_index, f.index as from_index, r.public_id, e.index as recipient_index,
             e.said->>'type' as type, e.said->'name' as name, e.said->'charity' as charity,
             coalesce((select sum(d.amount) from ledger.declaration d
               where d.book_id = $1 and d.of_index = $2 and d.of_part = t.part), 0) as returned
           from ledger.moves_of($1, $2) t
           join ledger.account a on a.book_id = $1 and a.account = t.to_account
           join ledger.account f on f.book_id = $1 and f.account = t.from_account
           join giving.recipient r on r.public_id = split_part(a.name, '/', 4)
           join giving.recipient_entry e on e.book_id = $1 and e.recipient = r.recipient
           order by t.part`,
    values: [bookId, index],
  });
  return rows.map((row) => ({
    amount: BigInt(row.amount),
    returned: BigInt(row.returned),
    accountIndex: Number(row.account_index),
    fromAccountIndex: Number(row.from_index),
    recipient: row.public_id,
    recipientIndex: Number(row.recipient_index),
    type: row.type,
    name: row.name,
    charity: row.charity,
  }));
}

export type LineFacts = { gift: number } | { outcome: 'ignored' | 'refused'; reason: string };

/** What became of an order line. @param key HMAC-128, a binary string */
export async function readLine(read: Reader, bookId: number, key: string): Promise<LineFacts | null> {
  const bytes = Buffer.from(key, 'latin1');
  const gift = await read.query(`select gift from giving.gift_key where book_id = $1 and key = $2`, [bookId, bytes]);
  if (gift.rows[0]) return { gift: Number(gift.rows[0].gift) };
  const none = await read.query(`select outcome, reason from giving.no_gift where book_id = $1 and key = $2`, [
    bookId,
    bytes,
  ]);
  return none.rows[0] ?? null;
}
