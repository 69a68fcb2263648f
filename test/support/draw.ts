/** Choices drawn from a seed, so that a failure can be played again: RIVULET_SEED=… repeats a run. */
import type { TestContext } from 'node:test';

export interface Draw {
  readonly seed: number;
  /** 0 ≤ … < 1. */
  next(): number;
  /** A whole number, `from` … `to`, both included. */
  whole(from: number, to: number): number;
  chance(probability: number): boolean;
  /** @throws RangeError for an empty list */
  pick<T>(list: readonly T[]): T;
}

/** mulberry32: small, quick, and the same everywhere. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    seed,
    next,
    whole,
    chance: (probability) => next() < probability,
    pick(list) {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[whole(0, list.length - 1)] as (typeof list)[number];
    },
  };
}

/** The seed of this run, said in the test's output: RIVULET_SEED, or `usual`. */
export function drawFor(t: TestContext, usual: number): Draw {
  const seed = Number(process.env.RIVULET_SEED ?? usual);
  t.diagnostic(`seed ${seed}`);
  return drawFrom(seed);
}

/** Whether the long forms of tests were asked for: RIVULET_LONG=1. */
export const long = process.env.RIVULET_LONG === '1';
