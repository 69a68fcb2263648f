/** Sainte-Laguë as a running total: the same units as `apportion`, taking turns for small gifts, which is what a replay has by the million. */
import { apportion } from './apportion.ts';

/** Beyond this the closed form is quicker than taking turns. */
const mostTurns = 64;
/** Up to here weight × (2 × part + 1) stays below 2^53, for weights up to 10,000. */
const safePart = 4e11;

export class RunningSplit {
  readonly #weights: readonly number[];
  #total: number;
  #parts: number[];

  /** @param weights 1 to 10,000 each. @param total what was split before */
  constructor(weights: readonly number[], total = 0) {
    this.#weights = weights;
    this.#total = total;
    this.#parts = this.#apportion(total);
  }

  /** Everything that was split so far. */
  get total(): number {
    return this.#total;
  }

  /** What each recipient gets of `amount` more; the total may not pass 2^53 - 1. */
  add(amount: number): number[] {
    this.#total += amount;
    if (this.#weights.length === 1) return [amount];
    const before = this.#parts;
    this.#parts = amount <= mostTurns && this.#total < safePart ? this.#byTurns(amount) : this.#apportion(this.#total);
    return this.#parts.map((part, i) => part - (before[i] as number));
  }

  #apportion(total: number): number[] {
    return apportion(BigInt(total), this.#weights.map(BigInt)).map(Number);
  }

  #byTurns(amount: number): number[] {
    const weights = this.#weights;
    const parts = [...this.#parts];
    for (let unit = 0; unit < amount; unit++) {
      let best = 0;
      for (let i = 1; i < parts.length; i++) {
        const here = (weights[i] as number) * (2 * (parts[best] as number) + 1);
        if (here > (weights[best] as number) * (2 * (parts[i] as number) + 1)) best = i;
      }
      parts[best] = (parts[best] as number) + 1;
    }
    return parts;
  }
}
