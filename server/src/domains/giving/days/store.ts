/** All SQL about a source's days, and the stream of what became of its gifts. */
import type { ClientBase, Pool } from 'pg';
import { inlined } from '#base/inlined';

type Reader = Pool | ClientBase;

export interface DayLine {
  source: string;
  date: string;
  outcome: string;
  reason: string;
  currency: string;
  lines: number;
  minor: number;
}

/**
 * Adds to the days' lines and sums, and to their digests modulo 2^256. `lines` may be -1, to correct an earlier count.
 * @param at when they changed
 */
export function addToDays(
  bookId: number,
  counts: readonly DayLine[],
  digests: readonly { source: string; date: string; sum: string }[],
  at: Date,
): string {
  return inlined(
    `with digests as (
             insert into giving.day_digest as d (book_id, source, date, digest, changed_at)
             select $1, source, date, mod(sum, 2::numeric ^ 256), $12::timestamptz from unnest($9::text[], $10::date[], $11::numeric[]) n(source, date, sum)
             on conflict (book_id, source, date)
             do update set digest = mod(d.digest + excluded.digest, 2::numeric ^ 256), changed_at = excluded.changed_at)
           insert into giving.day as d (book_id, source, date, outcome, reason, currency, lines, minor)
           select $1, * from unnest($2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::numeric[])
           on conflict (book_id, source, date, outcome, reason, currency)
           do update set lines = d.lines + excluded.lines, minor = d.minor + excluded.minor`,
    [
      bookId,
      ...columns(counts, ['source', 'date', 'outcome', 'reason', 'currency', 'lines', 'minor']),
      ...columns(digests, ['source', 'date', 'sum']),
      at,
    ],
  );
}

function columns<T>(rows: readonly T[], names: readonly (keyof T)[]): T[keyof T][][] {
  return names.map((name) => rows.map((row) => row[name]));
}

export interface StoredLine {
  outcome: string;
  reason: string;
  currency: string;
  lines: string;
  minor: string;
}

export async function readLines(
  read: Reader,
  bookId: number,
  source: string,
  date: string,
): Promise<readonly StoredLine[]> {
  const { rows } = await read.query(
    `select outcome, reason, currency, lines::text, minor::text from giving.day
     where book_id = $1 and source = $2 and date = $3 and lines > 0 order by outcome, reason, currency`,
    [bookId, source, date],
  );
  return rows;
}

/** The digest in decimal digits, and when the day was tallied as it is now; null for a day without a line. */
export async function readDigest(
  read: Reader,
  bookId: number,
  source: string,
  date: string,
): Promise<{ digest: string; tallied: Date | null } | null> {
  const { rows } = await read.query(
    `select digest::text, case when tallied_at >= changed_at then tallied_at end as tallied from giving.day_digest
     where book_id = $1 and source = $2 and date = $3`,
    [bookId, source, date],
  );
  return rows[0] ?? null;
}

export interface DueDay {
  source: string;
  zone: string;
  date: string;
  changedAt: Date;
}

/** Days that are over in their zone, changed since their tally, and quiet for `quietMs` at `now`. */
export async function readDueDays(
  read: Reader,
  bookId: number,
  now: Date,
  quietMs: number,
  limit: number,
): Promise<DueDay[]> {
  const { rows } = await read.query(
    `select d.source, s.zone, d.date::text as date, d.changed_at as "changedAt"
     from giving.day_digest d join giving.source s using (source)
     where d.book_id = $1 and (d.tallied_at is null or d.tallied_at < d.changed_at)
       and d.changed_at < $2::timestamptz - $3 * interval '1 millisecond' and d.date < ($2::timestamptz at time zone s.zone)::date
     order by d.date, d.source limit $4`,
    [bookId, now, quietMs, limit],
  );
  return rows;
}

/** Marks the day as tallied at what was read of it; a change that came in between leaves it due. */
export async function markTallied(tx: ClientBase, bookId: number, day: DueDay, at: Date): Promise<void> {
  await tx.query(
    `update giving.day_digest set tallied_at = $5 where book_id = $1 and source = $2 and date = $3 and changed_at = $4`,
    [bookId, day.source, day.date, day.changedAt, at],
  );
}

export interface ChangeRow {
  type: 'gift.created' | 'gift.returned';
  index: string;
  gift: string;
  minor: string;
  currency: string;
}

/** Gifts and returns of a source with an index above `after`, in log order. */
export async function readChangeRows(
  read: Reader,
  bookId: number,
  source: string,
  after: number,
  limit: number,
): Promise<ChangeRow[]> {
  const { rows } = await read.query({
    name: 'giving.read-changes',
    text: `select c.type, c.index, c.gift, c.minor, t.entry->>'asset' as currency
           from (
             (select 'gift.created' as type, r.first + u.at as index, r.first + u.at as gift, u.given as minor, u.terms
              from (select * from giving.gift_run where book_id = $1 and next > $3 order by first) r
              cross join lateral unnest(r.at, r.given, r.terms) as u(at, given, terms)
              join giving.terms s on s.book_id = $1 and s.index = u.terms
              where r.first + u.at > $3 and s.source = $2 order by r.first, u.at limit $4)
             union all
             (select 'gift.returned', r.index, r.gift, r.returned, g.terms from giving.return r
                cross join lateral giving.gift_at($1, r.gift) g
                join giving.terms s on s.book_id = $1 and s.index = g.terms
              where r.book_id = $1 and r.index > $3 and s.source = $2 order by r.index limit $4)
           ) c
           join giving.terms t on t.book_id = $1 and t.index = c.terms
           order by c.index limit $4`,
    values: [bookId, source, after, limit],
  });
  return rows;
}
