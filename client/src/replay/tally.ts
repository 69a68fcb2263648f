/** What a replay came to. Amounts are minor units. */
import type { OrderResult } from '../contract/index.ts';
import type { RefusedRow } from './order-of-row.ts';

export interface Money {
  lines: number;
  minor: bigint;
}

export class Tally {
  /** Lines of the file, the header not counted. */
  read = 0;
  /** By currency. */
  readonly created = new Map<string, Money>();
  readonly duplicate = new Map<string, Money>();
  returns = 0;
  returnsMinor = 0n;
  returnDuplicates = 0;
  readonly ignored = new Map<string, number>();
  /** By what was wrong: `too_small (quantity)`. Lines that the replay could not put into the wire's words are marked `unsent`. */
  readonly refused = new Map<string, number>();

  /** A line that was not sent. */
  refuse({ code, field }: RefusedRow): void {
    this.read += 1;
    count(this.refused, reason(code, field, true));
  }

  take(result: OrderResult): void {
    this.read += 1;
    if (result.outcome === 'ignored') count(this.ignored, result.reason);
    else if (result.outcome === 'refused') count(this.refused, reason(result.error.code, result.error.field, false));
    else if ('givenMinor' in result) add(this[result.outcome], result.currency, BigInt(result.givenMinor));
    else if (result.outcome === 'duplicate') this.returnDuplicates += 1;
    else {
      this.returns += 1;
      if ('returnedMinor' in result) this.returnsMinor += BigInt(result.returnedMinor);
    }
  }

  get lines(): { created: number; duplicate: number; ignored: number; refused: number } {
    const money = (map: Map<string, Money>) => [...map.values()].reduce((sum, { lines }) => sum + lines, 0);
    const plain = (map: Map<string, number>) => [...map.values()].reduce((sum, lines) => sum + lines, 0);
    return {
      created: money(this.created) + this.returns,
      duplicate: money(this.duplicate) + this.returnDuplicates,
      ignored: plain(this.ignored),
      refused: plain(this.refused),
    };
  }
}

function reason(code: string, field: string | undefined, unsent: boolean): string {
  return `${code}${field === undefined ? '' : ` (${field})`}${unsent ? ' *' : ''}`;
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function add(map: Map<string, Money>, currency: string, minor: bigint): void {
  const money = map.get(currency) ?? { lines: 0, minor: 0n };
  money.lines += 1;
  money.minor += minor;
  map.set(currency, money);
}
