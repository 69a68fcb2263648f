/** The arithmetic of docs/formats/entries.md once more, as plainly as it can be written: for the model, which must not share code with what it checks. */

export interface Line {
  readonly quantity: number;
  readonly paid: number;
  readonly shipping: number;
  readonly tax: number;
  readonly discount: number;
  readonly platformDiscount: number;
}

export type Rule = { readonly basisPoints: number } | { readonly fixedMinor: number; readonly per: 'line' | 'unit' };

export function priceOf(line: Line, base: readonly string[]): bigint {
  let price = BigInt(line.paid);
  if (!base.includes('shipping')) price -= BigInt(line.shipping);
  if (!base.includes('tax')) price -= BigInt(line.tax);
  if (base.includes('discount')) price += BigInt(line.discount);
  if (base.includes('platformDiscount')) price += BigInt(line.platformDiscount);
  return price < 0n ? 0n : price;
}

export function amountOf(rule: Rule, price: bigint, quantity: number): bigint {
  if ('basisPoints' in rule) return (price * BigInt(rule.basisPoints) + 5000n) / 10_000n;
  const fixed = rule.per === 'line' ? BigInt(rule.fixedMinor) : BigInt(rule.fixedMinor) * BigInt(quantity);
  return fixed < price ? fixed : price;
}

/** @param back the sum of what its returns paid back */
export function keptOf(given: bigint, price: bigint, paid: bigint, back: bigint): bigint {
  let returned = back;
  if (paid === 0n) returned = price;
  else if (price > paid) returned = (back * price) / paid;
  if (returned > price) returned = price;
  return (given * (price - returned) + price / 2n) / price;
}

/** Sainte-Laguë by hand: unit after unit, each to the largest weight / (2 × units so far + 1), ties to the earlier. */
export class Turns {
  readonly #weights: readonly number[];
  readonly #units: number[];

  constructor(weights: readonly number[]) {
    this.#weights = weights;
    this.#units = weights.map(() => 0);
  }

  /** Hands out so many more. @returns how many each got */
  give(count: bigint): bigint[] {
    const before = [...this.#units];
    for (let left = count; left > 0n; left--) {
      let best = 0;
      for (let i = 1; i < this.#weights.length; i++) if (this.#claim(i, best) > this.#claim(best, i)) best = i;
      this.#units[best] = (this.#units[best] as number) + 1;
    }
    return this.#units.map((units, i) => BigInt(units - (before[i] as number)));
  }

  /** Compared crosswise, so that nothing is divided. */
  #claim(of: number, against: number): number {
    return (this.#weights[of] as number) * (2 * (this.#units[against] as number) + 1);
  }
}
