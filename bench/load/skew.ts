/** Seeded chance with the skew of real markets: a few hot, a long tail. */

export type Chance = () => number;

/** Mulberry32: small, fast, the same for the same seed. Not for secrets. @returns numbers in [0, 1) */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Draws 0 … count - 1, the k-th with a weight of 1 / (k + 1)^exponent. @returns may be asked for one among fewer, up to `most` */
export function zipf(most: number, exponent: number, chance: Chance): (count?: number) => number {
  const reached = new Float64Array(most);
  let sum = 0;
  for (let k = 0; k < most; k += 1) {
    sum += 1 / (k + 1) ** exponent;
    reached[k] = sum;
  }
  return (count = most) => {
    const drawn = chance() * (reached[count - 1] as number);
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((reached[middle] as number) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
