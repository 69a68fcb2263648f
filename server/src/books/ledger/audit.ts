/** Every rule of the ledger again, from the rows alone: nothing in memory is asked. Reads the whole book. */
import { Reversals } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { type Finding, findingOf } from '#base/finding';

/** Checks that answer with the rows that break them, at most 100. `$1` is the book. */
const checks: readonly [string, string][] = [
  [
    'rows of moves cover disjoint stretches of the log, in order',
    `select first as index from (
       select first, next, lag(next) over (order by first) as before, at from ledger.move where book_id = $1) m
     where first < before or first + at[1] <> first or first + at[cardinality(at)] <> next - 1
       or exists (select from unnest(at) with ordinality u(a, i) join unnest(at) with ordinality v(a, i) on v.i = u.i + 1 where v.a < u.a)
     limit 100`,
  ],
  [
    'in-positions of every account run without gap or overlap',
    `select to_account as account, index, part from (
       select *, coalesce(lag(to_pos + amount) over (partition by to_account order by to_pos, index), 0) as expected
       from ledger.transfer where book_id = $1) t where to_pos <> expected limit 100`,
  ],
  [
    'out-positions of every account run without gap or overlap',
    `select from_account as account, index, part from (
       select *, coalesce(lag(from_pos + amount) over (partition by from_account order by from_pos, index), 0) as expected
       from ledger.transfer where book_id = $1) t where from_pos <> expected limit 100`,
  ],
  [
    'positions follow log order',
    `select account, index, part from (
       select account, index, part, pos, lag(pos) over (partition by account, side order by index, part) as before from (
         select to_account as account, 'in' as side, index, part, to_pos as pos from ledger.transfer where book_id = $1
         union all select from_account, 'out', index, part, from_pos from ledger.transfer where book_id = $1) t) u
     where pos <= before limit 100`,
  ],
  [
    'both sides of every transfer exist and have one asset',
    `select t.index, t.part from ledger.transfer t
       left join ledger.account f on f.book_id = $1 and f.account = t.from_account
       left join ledger.account a on a.book_id = $1 and a.account = t.to_account
     where t.book_id = $1 and (f.asset is null or a.asset is null or f.asset <> a.asset) limit 100`,
  ],
  [
    'nothing but a source was ever below zero',
    `select account, u.index, u.part from (
       select account, index, part, sum(change) over (partition by account order by index, part) as balance from (
         select to_account as account, index, part, amount as change from ledger.transfer where book_id = $1
         union all select from_account, index, part, -amount from ledger.transfer where book_id = $1) t) u
       join ledger.account a using (account)
     where a.book_id = $1 and balance < 0 and not a.is_source limit 100`,
  ],
  [
    'totals are the sums of the transfers',
    `select account from (
       select account, sum(i) as i, sum(o) as o from (
         select to_account as account, amount as i, 0 as o from ledger.transfer where book_id = $1
         union all select from_account, 0, amount from ledger.transfer where book_id = $1) t group by account) sums
     full join (select distinct on (account) account, in_total, out_total from ledger.posting where book_id = $1
       order by account, batch desc) last using (account)
     where i is distinct from in_total or o is distinct from out_total limit 100`,
  ],
  [
    'each posting is true at its log size',
    `select account, batch from (
       select account, at as batch, kind, in_total, out_total,
         coalesce(max(in_end) over w, 0) as came, coalesce(max(out_end) over w, 0) as gone from (
           select to_account as account, index + 1 as at, 0 as kind, to_pos + amount as in_end, null::bigint as out_end,
             null::bigint as in_total, null::bigint as out_total from ledger.transfer where book_id = $1
           union all select from_account, index + 1, 0, null, from_pos + amount, null, null from ledger.transfer where book_id = $1
           union all select account, batch, 1, null, null, in_total, out_total from ledger.posting where book_id = $1) t
       window w as (partition by account order by at, kind)) u
     where kind = 1 and (in_total <> came or out_total <> gone) limit 100`,
  ],
  [
    'accounts are numbered without gaps',
    `select account from (select account, row_number() over (order by account) as expected
       from ledger.account where book_id = $1) a where account <> expected limit 100`,
  ],
  [
    'a reversal turns its move round and takes units of it',
    `select r.index, r.part from ledger.reversal r
       left join lateral ledger.moves_of($1, r.of_index) m on m.part = r.of_part
     where r.book_id = $1 and (m.amount is null or m.to_account <> r.from_account
       or m.from_account <> r.to_account or r.unit < m.to_pos or r.unit + r.amount > m.to_pos + m.amount) limit 100`,
  ],
  [
    'no unit is taken back twice',
    `select index, part from (
       select index, part, unit, lag(unit + amount) over (partition by from_account order by unit) as before
       from ledger.reversal where book_id = $1) r where unit < before limit 100`,
  ],
  [
    'what is declared never exceeds its move, what is settled never what is declared',
    `select d.of_index as index, d.of_part as part from (
       select of_index, of_part, sum(amount) as declared from ledger.declaration where book_id = $1 group by 1, 2) d
     left join lateral ledger.moves_of($1, d.of_index) m on m.part = d.of_part
     left join (select of_index, of_part, sum(amount) as settled from ledger.reversal where book_id = $1 group by 1, 2) s
       on s.of_index = d.of_index and s.of_part = d.of_part
     where m.amount is null or d.declared > m.amount or coalesce(s.settled, 0) > d.declared limit 100`,
  ],
  [
    'what is settled was declared',
    `select t.index, t.part from ledger.reversal t where t.book_id = $1 and not exists (
       select from ledger.declaration d where d.book_id = $1 and d.of_index = t.of_index and d.of_part = t.of_part)
     limit 100`,
  ],
  [
    'the queues hold what is declared and not settled, and wait on empty accounts only',
    `select account from (
       select account, sum(amount) as declared from ledger.declaration where book_id = $1 group by account) d
     full join (select account, sum(remaining) as waiting from ledger.waiting where book_id = $1 group by account) w using (account)
     left join (select from_account as account, sum(amount) as settled from ledger.reversal
       where book_id = $1 group by 1) s using (account)
     left join (select distinct on (account) account, in_total - out_total as balance from ledger.posting
       where book_id = $1 order by account, batch desc) p using (account)
     where coalesce(waiting, 0) <> coalesce(declared, 0) - coalesce(settled, 0)
       or (waiting > 0 and coalesce(balance, 0) <> 0) limit 100`,
  ],
];

/** @param read a connection in one snapshot (`repeatable read`), so that the checks see one state */
export async function auditLedger(read: ClientBase, bookId: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [check, text] of checks) {
    const { rows } = await read.query(text, [bookId]);
    findings.push(findingOf(`ledger: ${check}`, rows));
  }
  return [...findings, ...(await auditSums(read, bookId)), await auditChains(read, bookId)];
}

/** In every asset, what sources gave is what the other accounts hold. */
async function auditSums(read: ClientBase, bookId: number): Promise<Finding[]> {
  const { rows } = await read.query(
    `select a.asset, sum(p.in_total - p.out_total) as net, count(*) as accounts,
       coalesce(sum(p.out_total - p.in_total) filter (where a.is_source), 0) as given
     from ledger.account a join lateral (select in_total, out_total from ledger.posting p
       where p.book_id = $1 and p.account = a.account order by batch desc limit 1) p on true
     where a.book_id = $1 group by a.asset order by a.asset`,
    [bookId],
  );
  return rows.map(({ asset, net, accounts, given }) => ({
    check: `ledger: the sides of ${asset} agree`,
    ok: BigInt(net) === 0n,
    detail: `${given} ${asset} minor units stand in ${accounts} accounts`,
  }));
}

async function auditChains(read: ClientBase, bookId: number): Promise<Finding> {
  const { rows } = await read.query(
    `select from_account, from_pos, amount, unit from ledger.reversal where book_id = $1
     order by from_account, from_pos`,
    [bookId],
  );
  let longest = 0;
  for (const own of Map.groupBy(rows, (row) => row.from_account).values()) {
    const units = own.map((row) => ({
      fromPos: Number(row.from_pos),
      minor: Number(row.amount),
      unit: Number(row.unit),
    }));
    longest = Math.max(longest, new Reversals(units).longestChain());
  }
  return { check: 'ledger: the longest chain of reversals', ok: true, detail: `${longest} hops` };
}
