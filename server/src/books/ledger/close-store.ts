/** SQL of a close: accounts and their totals as they were at a size of the log. */
import type { ClientBase, Pool } from 'pg';

export interface AccountAt {
  account: number;
  asset: string;
  name: string;
  source: boolean;
  in: number;
  out: number;
}

/** Accounts opened before entry `at`, with their totals there; the next `atOnce` after `last`, by number. */
export async function readAccountsAt(
  read: Pool | ClientBase,
  bookId: number,
  at: number,
  last: number,
  atOnce: number,
): Promise<AccountAt[]> {
  const { rows } = await read.query({
    name: 'ledger.read-accounts-at',
    text: `select a.account, a.asset, a.name, a.is_source as source, p.in_total, p.out_total from ledger.account a
           left join lateral (select in_total, out_total from ledger.posting p
             where p.book_id = $1 and p.account = a.account and p.batch <= $2 order by batch desc limit 1) p on true
           where a.book_id = $1 and a.index < $2 and a.account > $3 order by a.account limit $4`,
    values: [bookId, at, last, atOnce],
  });
  return rows.map(({ in_total: came, out_total: out, ...row }) => ({ ...row, in: Number(came), out: Number(out) }));
}
