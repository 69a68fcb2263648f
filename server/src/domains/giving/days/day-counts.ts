/** What a batch adds to its sources' days: lines by outcome and reason, sums, and the digest of the day's entries. */
import { addToDays, type DayLine } from './store.ts';

export type DayOutcome = 'created' | 'returned' | 'ignored' | 'refused' | 'duplicate';

interface Count extends DayLine {
  outcome: DayOutcome;
}

/** A source's day in this batch. */
interface Day {
  readonly source: string;
  readonly date: string;
  readonly counts: Map<string, Count>;
  readonly digest: DayDigest;
  /** The one that was counted last: most often the next one too. */
  last: Count | null;
}

const lanes = 16;

/** The sum of a day's leaf hashes in 16-bit lanes, lowest last: exact for 2^37 entries. */
export class DayDigest {
  readonly #lanes = new Float64Array(lanes);

  /** Adds the leaf hash of 32 bytes that begins there. */
  add(leaves: Uint8Array, at: number): void {
    const sum = this.#lanes;
    for (let i = 0; i < lanes; i++)
      sum[i] = (sum[i] as number) + (leaves[at + 2 * i] as number) * 256 + (leaves[at + 2 * i + 1] as number);
  }

  get sum(): bigint {
    return this.#lanes.reduce((total, lane) => (total << 16n) + BigInt(lane), 0n);
  }
}

export class DayCounts {
  readonly #days = new Map<string, Day>();
  #last: Day | null = null;

  /** Counts a line. A correction of an earlier count has `lines` -1. */
  count(source: string, date: string, outcome: DayOutcome, reason = '', currency = '', minor = 0, lines = 1): void {
    const count = countOf(this.#day(source, date), outcome, reason, currency);
    count.lines += lines;
    count.minor += minor;
  }

  /** Where the leaf hashes of the day's entries are added. */
  digest(source: string, date: string): DayDigest {
    return this.#day(source, date).digest;
  }

  /** Adds all of it to the database; null for nothing. */
  statement(bookId: number, at: Date): string | null {
    const days = [...this.#days.values()];
    if (days.length === 0) return null;
    const counts = days.flatMap((day) => [...day.counts.values()]);
    const digests = days.map(({ source, date, digest }) => ({ source, date, sum: String(digest.sum) }));
    return addToDays(bookId, counts, digests, at);
  }

  /** Most lines are of the day before them. */
  #day(source: string, date: string): Day {
    if (this.#last !== null && this.#last.date === date && this.#last.source === source) return this.#last;
    const key = `${source} ${date}`;
    let day = this.#days.get(key);
    if (day === undefined) {
      day = { source, date, counts: new Map(), digest: new DayDigest(), last: null };
      this.#days.set(key, day);
    }
    this.#last = day;
    return day;
  }
}

function countOf(day: Day, outcome: DayOutcome, reason: string, currency: string): Count {
  const { last, counts, source, date } = day;
  if (last?.outcome === outcome && last.reason === reason && last.currency === currency) return last;
  const key = `${outcome} ${reason} ${currency}`;
  let count = counts.get(key);
  if (count === undefined) {
    count = { source, date, outcome, reason, currency, lines: 0, minor: 0 };
    counts.set(key, count);
  }
  day.last = count;
  return count;
}
