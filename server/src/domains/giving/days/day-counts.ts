/** What a batch adds to its sources' days: lines by outcome and reason, sums, and the digest of the day's entries. */
import type { ClientBase } from 'pg';
import { addDigests, addLines, type DayLine } from './store.ts';

export type DayOutcome = 'created' | 'returned' | 'ignored' | 'refused' | 'duplicate';

interface Count extends DayLine {
  outcome: DayOutcome;
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
    await addLines(tx, bookId, counts);
    const digests = [...this.#digests.values()].map((d) => ({ ...d, sum: String(d.sum) }));
    await addDigests(tx, bookId, digests, at);
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
