/**
 * Tallies against the entries they sum. Which day an entry belongs to is inside its seal, so a single day can be checked only by its source
 * (see DigestSum); from the log alone, no source's days may say more than it did, and once they say all of it their digests must sum to its digest.
 */
import { fromBase64Url } from '../bytes.ts';
import type { StateDays } from '../close/state-line.ts';
import type { GivingTally, Sums } from '../entry/entry.ts';
import { Failure } from '../failure.ts';
import { DigestSum } from './digest.ts';

interface Sum {
  lines: number;
  minor: bigint;
}

interface SourceDays {
  readonly digest: DigestSum;
  readonly gifts: Map<string, Sum>;
  readonly returned: Map<string, bigint>;
  /** The last tally of each date. */
  readonly days: Map<string, GivingTally>;
}

export class Tallies {
  readonly #sources = new Map<string, SourceDays>();

  /** @param leaf where the entry's leaf hash lies in `leaves` */
  addGift(source: string, asset: string, minor: number, leaves: Uint8Array, leaf: number): void {
    const days = this.#of(source);
    days.digest.add(leaves, leaf);
    let sum = days.gifts.get(asset);
    if (!sum) {
      sum = { lines: 0, minor: 0n };
      days.gifts.set(asset, sum);
    }
    sum.lines++;
    sum.minor += BigInt(minor);
  }

  addReturn(source: string, asset: string, minor: number, leaves: Uint8Array, leaf: number): void {
    const days = this.#of(source);
    days.digest.add(leaves, leaf);
    days.returned.set(asset, (days.returned.get(asset) ?? 0n) + BigInt(minor));
  }

  addTally(tally: GivingTally): void {
    const { days, gifts, returned, digest } = this.#of(tally.source);
    days.set(tally.date, tally);
    const created = sumOf([...days.values()].map((day) => day.created));
    const back = sumOf([...days.values()].map((day) => day.returned));
    for (const [asset, { lines, minor }] of created) {
      const had = gifts.get(asset) ?? { lines: 0, minor: 0n };
      if (lines > had.lines || minor > had.minor) throw tooMuch('created', asset);
    }
    for (const [asset, { minor }] of back) if (minor > (returned.get(asset) ?? 0n)) throw tooMuch('returned', asset);
    const all =
      [...gifts].every(
        ([asset, sum]) => created.get(asset)?.lines === sum.lines && created.get(asset)?.minor === sum.minor,
      ) && [...returned].every(([asset, minor]) => back.get(asset)?.minor === minor);
    if (all && digestOf([...days.values()]) !== digest.text()) {
      const en = `the digests of the days of ${tally.source} do not sum to that of its entries`;
      throw new Failure('tally.digest', en, `${tally.source} 各日摘要之和与其条目不符`);
    }
  }

  /** What a close says of each source's days. */
  *state(): Generator<StateDays | GivingTally> {
    for (const source of [...this.#sources.keys()].sort()) {
      const { digest, gifts, returned, days } = this.#of(source);
      yield {
        kind: 'state.days',
        digest: digest.text(),
        gifts: Object.fromEntries([...gifts].map(([asset, { lines, minor }]) => [asset, [lines, String(minor)]])),
        returned: Object.fromEntries([...returned].map(([asset, minor]) => [asset, String(minor)])),
        source,
      };
      for (const date of [...days.keys()].sort()) yield days.get(date) as GivingTally;
    }
  }

  restore(line: StateDays | GivingTally): void {
    const { digest, gifts, returned, days } = this.#of(line.source);
    if (line.kind === 'giving.tally') {
      days.set(line.date, line);
      return;
    }
    digest.add(fromBase64Url(line.digest));
    for (const [asset, [lines, minor]] of Object.entries(line.gifts)) gifts.set(asset, { lines, minor: BigInt(minor) });
    for (const [asset, minor] of Object.entries(line.returned)) returned.set(asset, BigInt(minor));
  }

  #of(source: string): SourceDays {
    let days = this.#sources.get(source);
    if (!days) {
      days = { digest: new DigestSum(), gifts: new Map(), returned: new Map(), days: new Map() };
      this.#sources.set(source, days);
    }
    return days;
  }
}

function sumOf(days: readonly Sums[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const day of days) {
    for (const [asset, [lines, minor]] of Object.entries(day)) {
      const sum = sums.get(asset) ?? { lines: 0, minor: 0n };
      sums.set(asset, { lines: sum.lines + lines, minor: sum.minor + BigInt(minor) });
    }
  }
  return sums;
}

function digestOf(days: readonly GivingTally[]): string {
  const sum = new DigestSum();
  for (const day of days) sum.add(fromBase64Url(day.digest));
  return sum.text();
}

function tooMuch(what: 'created' | 'returned', asset: string): Failure {
  const en = `the tallies say more ${what} in ${asset} than the log has`;
  return new Failure(`tally.${what}`, en, `各日汇总的 ${asset} ${what === 'created' ? '捐赠' : '退回'}多于日志所载`);
}
