/** All SQL of the ledger. Numbers leave PostgreSQL as bigint text and become safe integers here. */
import type { ClientBase } from 'pg';
import { inlined } from '#base/inlined';
import type { Move, Totals, Waiting } from './positions.ts';

export interface AccountRow {
  account: number;
  asset: string;
  name: string;
  isSource: boolean;
}

export async function readAssets(read: ClientBase, bookId: number): Promise<{ asset: string; scale: number }[]> {
  const { rows } = await read.query(`select asset, scale from ledger.asset where book_id = $1`, [bookId]);
  return rows;
}

export async function readLastAccount(read: ClientBase, bookId: number): Promise<number> {
  const { rows } = await read.query(`select coalesce(max(account), 0) as last from ledger.account where book_id = $1`, [
    bookId,
  ]);
  return rows[0].last;
}

const accountColumns = `account, asset, name, is_source as "isSource"`;

export async function readAccounts(read: ClientBase, bookId: number, accounts: number[]): Promise<AccountRow[]> {
  const { rows } = await read.query({
    name: 'ledger.read-accounts',
    text: `select ${accountColumns} from ledger.account where book_id = $1 and account = any($2::int[])`,
    values: [bookId, accounts],
  });
  return rows;
}

export async function readAccountsByName(read: ClientBase, bookId: number, names: string[]): Promise<AccountRow[]> {
  const { rows } = await read.query({
    name: 'ledger.read-accounts-by-name',
    text: `select ${accountColumns} from ledger.account a join unnest($2::text[]) n(name) using (name)
           where book_id = $1 and asset = any(select asset from ledger.asset where book_id = $1)`,
    values: [bookId, names],
  });
  return rows;
}

export async function readAccountsBelow(read: ClientBase, bookId: number, prefix: string): Promise<AccountRow[]> {
  const { rows } = await read.query(
    `select ${accountColumns} from ledger.account where book_id = $1 and starts_with(name, $2)`,
    [bookId, prefix],
  );
  return rows;
}

/** Totals of accounts; an account without a posting has none. */
export async function readTotals(
  read: ClientBase,
  bookId: number,
  accounts: number[],
): Promise<(Totals & { account: number })[]> {
  const { rows } = await read.query({
    name: 'ledger.read-totals',
    text: `select a.account, p.in_total, p.out_total from unnest($2::int[]) a(account)
           cross join lateral (select in_total, out_total from ledger.posting p
             where p.book_id = $1 and p.account = a.account order by batch desc limit 1) p`,
    values: [bookId, accounts],
  });
  return rows.map((row) => ({ account: row.account, in: Number(row.in_total), out: Number(row.out_total) }));
}

/** Moves by (index, part), with what is declared of each. */
export async function readMoves(read: ClientBase, bookId: number, indices: number[]): Promise<Move[]> {
  const { rows } = await read.query({
    name: 'ledger.read-moves',
    text: `select i.index, t.part, from_account, to_account, amount, from_pos, to_pos,
             coalesce((select sum(d.amount) from ledger.declaration d
               where d.book_id = $1 and d.of_index = i.index and d.of_part = t.part), 0) as declared
           from unnest($2::bigint[]) i(index) cross join lateral ledger.moves_of($1, i.index) t
           order by i.index, t.part`,
    values: [bookId, indices],
  });
  return rows.map((row) => ({
    index: Number(row.index),
    part: row.part,
    from: row.from_account,
    to: row.to_account,
    amount: Number(row.amount),
    fromPos: Number(row.from_pos),
    toPos: Number(row.to_pos),
    declared: Number(row.declared),
  }));
}

/** Everything that waits, in the order of its queues. */
export async function readWaiting(read: ClientBase, bookId: number): Promise<Waiting[]> {
  const { rows } = await read.query(
    `select w.account, w.index, w.part, w.remaining, d.of_index, d.of_part, d.amount, t.from_account,
       t.to_pos + t.amount - (select sum(e.amount) from ledger.declaration e
         where e.book_id = $1 and e.of_index = d.of_index and e.of_part = d.of_part
           and (e.index, e.part) <= (d.index, d.part)) as start
     from ledger.waiting w
     join ledger.declaration d using (book_id, index, part)
     join lateral ledger.moves_of($1, d.of_index) t on t.part = d.of_part
     where w.book_id = $1 order by w.account, w.index, w.part`,
    [bookId],
  );
  return rows.map((row) => ({
    index: Number(row.index),
    part: row.part,
    ofIndex: Number(row.of_index),
    ofPart: row.of_part,
    account: row.account,
    backTo: row.from_account,
    unit: Number(row.start) + Number(row.amount) - Number(row.remaining),
    remaining: Number(row.remaining),
  }));
}

export async function insertAsset(tx: ClientBase, bookId: number, asset: string, scale: number, index: number) {
  await tx.query(`insert into ledger.asset (book_id, asset, scale, index) values ($1, $2, $3, $4)`, [
    bookId,
    asset,
    scale,
    index,
  ]);
}

/** Where a batch's rows go, column by column. */
export const targets = {
  accounts: 'ledger.account (book_id, account, asset, name, is_source, index)',
  moves: 'ledger.move (book_id, first, next, at, part, from_account, to_account, amount, from_pos, to_pos)',
  reversals:
    'ledger.reversal (book_id, index, from_pos, to_pos, amount, of_index, unit, from_account, to_account, part, of_part)',
  postings: 'ledger.posting (book_id, account, batch, in_total, out_total)',
  declarations: 'ledger.declaration (book_id, index, part, of_index, of_part, account, amount)',
};

/** Replaces the queues of some accounts; null for none. */
export function replaceWaiting(bookId: number, queues: ReadonlyMap<number, readonly Waiting[]>): string | null {
  if (queues.size === 0) return null;
  const gone = inlined(`delete from ledger.waiting where book_id = $1 and account = any($2::int[])`, [
    bookId,
    [...queues.keys()],
  ]);
  const all = [...queues.values()].flat();
  if (all.length === 0) return gone;
  const rows = inlined(
    `insert into ledger.waiting (book_id, account, index, part, remaining)
     select $1, * from unnest($2::int[], $3::bigint[], $4::smallint[], $5::bigint[])`,
    [bookId, all.map((w) => w.account), all.map((w) => w.index), all.map((w) => w.part), all.map((w) => w.remaining)],
  );
  return `${gone};\n${rows}`;
}

export interface RestoredDeclaration {
  index: number;
  part: number;
  ofIndex: number;
  ofPart: number;
  amount: number;
}

/** The moves that they are of must be there. */
export async function insertRestoredDeclarations(
  tx: ClientBase,
  bookId: number,
  rows: readonly RestoredDeclaration[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into ledger.declaration (book_id, index, part, of_index, of_part, account, amount)
     select $1, d.index, d.part, of_index, of_part, t.to_account, d.amount
     from unnest($2::bigint[], $3::smallint[], $4::bigint[], $5::smallint[], $6::bigint[]) d(index, part, of_index, of_part, amount)
     join lateral ledger.moves_of($1, of_index) t on t.part = of_part`,
    [
      bookId,
      rows.map((row) => row.index),
      rows.map((row) => row.part),
      rows.map((row) => row.ofIndex),
      rows.map((row) => row.ofPart),
      rows.map((row) => row.amount),
    ],
  );
}

/** Totals at log size `batch`; null: as they were. */
export async function insertRestoredPostings(
  tx: ClientBase,
  bookId: number,
  batch: number,
  totals: readonly { account: number; in: number | null; out: number | null }[],
): Promise<void> {
  if (totals.length === 0) return;
  await tx.query(
    `insert into ledger.posting (book_id, account, batch, in_total, out_total)
     select $1, n.account, $2, coalesce(n.in_total, p.in_total, 0), coalesce(n.out_total, p.out_total, 0)
     from unnest($3::int[], $4::bigint[], $5::bigint[]) n(account, in_total, out_total)
     left join lateral (select in_total, out_total from ledger.posting p
       where p.book_id = $1 and p.account = n.account order by batch desc limit 1) p on true`,
    [bookId, batch, totals.map((t) => t.account), totals.map((t) => t.in), totals.map((t) => t.out)],
  );
}

/** Reversals out of an account settle its declarations in log order, so what waits is what their running sum has beyond what was settled. */
export async function rebuildWaiting(tx: ClientBase, bookId: number): Promise<void> {
  await tx.query(`delete from ledger.waiting where book_id = $1`, [bookId]);
  await tx.query(
    `insert into ledger.waiting (book_id, account, index, part, remaining)
     select $1, account, index, part, least(amount, declared - coalesce(settled, 0)) from (
       select account, index, part, amount, sum(amount) over (partition by account order by index, part) as declared
       from ledger.declaration where book_id = $1) d
     left join (select from_account as account, sum(amount) as settled from ledger.reversal
       where book_id = $1 group by 1) s using (account)
     where declared > coalesce(settled, 0)`,
    [bookId],
  );
}
