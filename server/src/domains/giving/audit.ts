/** Every rule of giving again, from the rows alone. Reads the ledger's rows too: it is the ledger that gifts must agree with. */
import type { ClientBase } from 'pg';
import { type Finding, findingOf } from '#base/finding';

/** With those that a rescue brought back and whose lines are not known yet. */
const everyGift = `select index, terms, given from giving.gift where book_id = $1
  union all select index, terms, given from giving.lost_gift where book_id = $1`;
const everyReturn = `select gift, returned from giving.return where book_id = $1
  union all select gift, returned from giving.lost_return where book_id = $1`;

/** Checks that answer with the rows that break them, at most 100. `$1` is the book. */
const checks: readonly [string, string][] = [
  [
    'every gift is its moves, and every move a gift’s',
    `select index, given, moved from (${everyGift}) g
     full join (select index, sum(amount) as moved from ledger.transfer where book_id = $1 and reverses_index is null group by index) t
       using (index) where given is distinct from moved limit 100`,
  ],
  [
    'every gift has one key, and every key a gift',
    `select index, gift from (select index from giving.gift where book_id = $1) g
     full join (select gift from giving.gift_key where book_id = $1) k on k.gift = g.index
     where index is null or gift is null
     union all select gift, count(*) from giving.gift_key where book_id = $1 group by gift having count(*) > 1 limit 100`,
  ],
  [
    'rows of gifts, and of openings, cover disjoint stretches of the log',
    `select first as index from (
       select first, next, lag(next) over (order by first) as before, at from giving.gift_run where book_id = $1) r
     where first < before or first + at[1] <> first or first + at[cardinality(at)] <> next - 1
     union all select first from (
       select first, next, lag(next) over (order by first) as before, at from giving.opening_run where book_id = $1) r
     where first < before or first + at[1] <> first or first + at[cardinality(at)] <> next - 1 limit 100`,
  ],
  [
    'every gift is what its terms make of its price, or less where a cap cut it',
    `select g.index, g.given from giving.gift g join giving.terms t on t.book_id = g.book_id and t.index = g.terms
     where g.book_id = $1 and t.entry->'rule' ? 'basisPoints'
       and g.given <> (g.price * (t.entry->'rule'->>'basisPoints')::bigint + 5000) / 10000
       and not (t.entry ? 'cap' and g.given < (g.price * (t.entry->'rule'->>'basisPoints')::bigint + 5000) / 10000)
     limit 100`,
  ],
  ['no gift exceeds its price', `select index, given from giving.gift where book_id = $1 and given > price limit 100`],
  [
    'no pledge gave more than its cap, gross',
    `select t.source, t.pledge from (${everyGift}) g join giving.terms t on t.book_id = $1 and t.index = g.terms
     group by t.source, t.pledge
     having sum(g.given) > max((t.entry->>'cap')::bigint) and bool_and(t.entry ? 'cap') limit 100`,
  ],
  [
    'what each gift keeps after its returns is in proportion, whatever their order',
    `select g.index, g.given from giving.gift g
     join (select gift, sum(paid) as paid, sum(returned) as returned from giving.return where book_id = $1 group by gift) r on r.gift = g.index
     cross join lateral (select least(g.price, case when g.paid is null or g.paid = 0 or g.price <= g.paid then
       case when g.paid = 0 then g.price else r.paid end else div(r.paid * g.price, g.paid) end) as back) b
     where g.book_id = $1 and g.given - r.returned <> div(g.given * (g.price - b.back) + div(g.price, 2), g.price) limit 100`,
  ],
  [
    'returns are what the ledger has declared',
    `select gift, returned, declared from (select gift, sum(returned) as returned from (${everyReturn}) e
       group by gift having sum(returned) > 0) r
     full join (select of_index as gift, sum(amount) as declared from ledger.declaration where book_id = $1 group by 1) d using (gift)
     where returned is distinct from declared limit 100`,
  ],
  [
    'public totals are the sums of gifts and returns',
    `select asset from (
       select t.entry->>'asset' as asset, sum(g.given) as given, count(*) as gifts, coalesce(sum(r.returned), 0) as returned
       from (${everyGift}) g join giving.terms t on t.book_id = $1 and t.index = g.terms
       left join (select gift, sum(returned) as returned from (${everyReturn}) e group by gift) r on r.gift = g.index
       group by 1) s
     full join (select distinct on (asset) asset, given, returned, gifts from giving.total where book_id = $1
       order by asset, size desc) t using (asset)
     where (s.given, s.returned, s.gifts) is distinct from (t.given::numeric, t.returned::numeric, t.gifts) limit 100`,
  ],
  [
    'totals of recipients are the sums of what was moved to them',
    `select recipient, asset from (
       select split_part(a.name, '/', 4) as recipient, a.asset, sum(m.amount) as given, count(*) as gifts, coalesce(sum(d.declared), 0) as returned
       from ledger.transfer m join ledger.account a on a.book_id = $1 and a.account = m.to_account
       left join (select of_index, of_part, sum(amount) as declared from ledger.declaration where book_id = $1 group by 1, 2) d
         on d.of_index = m.index and d.of_part = m.part
       where m.book_id = $1 and m.reverses_index is null and a.name like 'giving/promised/%' group by 1, 2) s
     full join (select distinct on (recipient, asset) recipient, asset, given, returned, gifts from giving.recipient_total
       where book_id = $1 order by recipient, asset, size desc) t using (recipient, asset)
     where (s.given, s.returned, s.gifts) is distinct from (t.given::numeric, t.returned::numeric, t.gifts) limit 100`,
  ],
  [
    'the days of each source add up to its gifts and returns',
    `select source, currency, outcome from (
       select t.source, t.entry->>'asset' as currency, 'created' as outcome, count(*) as lines, sum(g.given) as minor
       from giving.gift g join giving.terms t on t.book_id = g.book_id and t.index = g.terms where g.book_id = $1 group by 1, 2
       union all
       select t.source, t.entry->>'asset', 'returned', count(*), sum(r.returned) from giving.return r
       join giving.gift g on g.book_id = r.book_id and g.index = r.gift
       join giving.terms t on t.book_id = g.book_id and t.index = g.terms where r.book_id = $1 group by 1, 2) s
     full join (select source, currency, outcome, sum(lines) as lines, sum(minor) as minor from giving.day
       where book_id = $1 and outcome in ('created', 'returned') group by 1, 2, 3) d using (source, currency, outcome)
     where (s.lines, s.minor) is distinct from (d.lines, d.minor) limit 100`,
  ],
  [
    'what was noted as given under each version is the sum of its gifts until then',
    `select terms, noted.given, summed.given from (select terms, given from giving.given_so_far where book_id = $1) noted
     full join (select terms, sum(g.given) as given from giving.gift g
       where g.book_id = $1 and g.index < (select size from giving.given_mark where book_id = $1) group by terms) summed using (terms)
     where noted.given is distinct from summed.given limit 100`,
  ],
  [
    'no line is counted less than never',
    `select source, date, outcome, reason from giving.day where book_id = $1 and lines < 0 limit 100`,
  ],
  [
    'every opening is of a gift or a return',
    `select o.index from (select first + unnest(at) as index from giving.opening_run where book_id = $1) o
     left join giving.gift g on g.book_id = $1 and g.index = o.index
     left join giving.return r on r.book_id = $1 and r.index = o.index
     where g.index is null and r.index is null limit 100`,
  ],
  [
    'gifts were made under terms of their own merchant',
    `select m.index, m.part from ledger.transfer m
     join giving.gift g on g.book_id = $1 and g.index = m.index
     join giving.terms t on t.book_id = $1 and t.index = g.terms
     join ledger.account a on a.book_id = $1 and a.account = m.to_account
     where m.book_id = $1 and m.reverses_index is null and split_part(a.name, '/', 3) <> t.entry->>'merchant' limit 100`,
  ],
];

/** @param read a connection in one snapshot (`repeatable read`) */
export async function auditGiving(read: ClientBase, bookId: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [check, text] of checks) {
    const { rows } = await read.query(text, [bookId]);
    findings.push(findingOf(`giving: ${check}`, rows));
  }
  return findings;
}
