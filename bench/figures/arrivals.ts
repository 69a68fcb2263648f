/** When requests arrive in an open loop: fixed before the clock starts, whatever the server does, as a Poisson process. */
import type { Chance } from '../load/skew.ts';

/**
 * The gaps are exponential, as those of many buyers who do not know of one another.
 * @returns milliseconds after the start, ascending, all below `seconds`
 */
export function arrivals(perSecond: number, seconds: number, chance: Chance): Float64Array {
  const times: number[] = [];
  const meanGapMs = 1_000 / perSecond;
  const endMs = seconds * 1_000;
  for (let at = 0; ; ) {
    at -= Math.log(1 - chance()) * meanGapMs;
    if (at >= endMs) return Float64Array.from(times);
    times.push(at);
  }
}
