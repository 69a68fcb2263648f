/** What several runs of one thing say together. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** In the order of the runs. */
  readonly runs: readonly number[];
}

/** @param runs at least one. The median of an even number of runs is the mean of the two in the middle. */
export function spreadOf(runs: readonly number[]): Spread {
  const sorted = runs.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined)
    throw new RangeError('no run, no spread');
  return { min, median: (low + high) / 2, max, runs };
}

/** The value below which `share` of the numbers lie, by nearest rank. @param sorted ascending @returns NaN for none */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** @param times milliseconds in any order; sorted in place */
export function latencyOf(times: number[] | Float64Array): Latency {
  if (Array.isArray(times)) times.sort((a, b) => a - b);
  else times.sort();
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times[times.length - 1] ?? Number.NaN,
  };
}

/** Least squares over points (x, y). @returns how much y grows by 1 of x; 0 for fewer than two points */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const count = points.length;
  if (count < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let over = 0;
  let under = 0;
  for (const [x, y] of points) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  return under === 0 ? 0 : over / under;
}
