/** What a batch adds to its sources' days: lines by outcome and reason, sums, and the digest of the day's entries. */
import type { ClientBase } from 'pg';

export type DayOutcome = 'created' | 'returned' | 'ignored' | 'refused' | 'duplicate';

interface Count {
  source: string;
  date: string;
  outcome: DayOutcome;
  reason: string;
  currency: string;
  lines: number;
  minor: number;
}

interface Digest {
  source: string;
  date: string;
  sum: bigint;
}

export class DayCounts {
  readonly #counts = new Map<string, Count>();
  readonly #digests = new Map<string, Digest>();

  /** Counts a line. A correction of an earlier count has `lines` -1. */
  count(source: string, date: string, outcome: DayOutcome, reason = '', currency = '', minor = 0, lines = 1): void {
    const key = `${source} ${date} ${outcome} ${reason} ${currency}`;
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { source, date, outcome, reason, currency, lines, minor });
    else {
      count.lines += lines;
      count.minor += minor;
    }
    this.#digestOf(source, date);
  }

  /** Adds an entry's leaf hash, a binary string, to the day's digest. */
  add(source: string, date: string, leafHash: string): void {
    this.#digestOf(source, date).sum += BigInt(`0x${Buffer.from(leafHash, 'latin1').toString('hex')}`);
  }

  async flush(tx: ClientBase, bookId: number, at: Date): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    await tx.query({
      name: 'giving.upsert-days',
      text: `insert into giving.day as d (book_id, source, date, outcome, reason, currency, lines, minor)
             select $1, * from unnest($2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::numeric[])
             on conflict (book_id, source, date, outcome, reason, currency)
             do update set lines = d.lines + excluded.lines, minor = d.minor + excluded.minor`,
      values: [bookId, ...columns(counts, ['source', 'date', 'outcome', 'reason', 'currency', 'lines', 'minor'])],
    });
    const digests = [...this.#digests.values()].map((d) => ({ ...d, sum: String(d.sum) }));
    await tx.query({
      name: 'giving.upsert-day-digests',
      text: `insert into giving.day_digest as d (book_id, source, date, digest, changed_at)
             select $1, source, date, mod(sum, 2::numeric ^ 256), $5 from unnest($2::text[], $3::date[], $4::numeric[]) n(source, date, sum)
             on conflict (book_id, source, date)
             do update set digest = mod(d.digest + excluded.digest, 2::numeric ^ 256), changed_at = excluded.changed_at`,
      values: [bookId, ...columns(digests, ['source', 'date', 'sum']), at],
    });
  }

  #digestOf(source: string, date: string): Digest {
    const key = `${source} ${date}`;
    let digest = this.#digests.get(key);
    if (digest === undefined) {
      digest = { source, date, sum: 0n };
      this.#digests.set(key, digest);
    }
    return digest;
  }
}

function columns<T>(rows: readonly T[], names: readonly (keyof T)[]): T[keyof T][][] {
  return names.map((name) => rows.map((row) => row[name]));
}
