/** How many orders come in at a time of day: quiet before dawn, a hump at noon, the evening strongest. */

/** By hour in Shanghai, which has one offset all year; 1 is the average of the day. */
const byHour = [
  0.6, 0.35, 0.2, 0.15, 0.15, 0.2, 0.4, 0.7, 0.9, 1.1, 1.25, 1.3, 1.35, 1.2, 1.1, 1.1, 1.1, 1.05, 1.1, 1.35, 1.75, 2.0,
  1.75, 1.05,
] as const;
const offsetHours = 8;
const hourMs = 3_600_000;

/** @returns orders a second at `ms` when `mean` come a second over the day */
export function ordersPerSecond(ms: number, mean: number): number {
  const hour = (ms / hourMs + offsetHours) % 24;
  const whole = Math.floor(hour);
  const here = byHour[whole] ?? 1;
  const next = byHour[(whole + 1) % 24] ?? 1;
  return mean * (here + (next - here) * (hour - whole));
}

/** A Poisson number with this mean, as arrivals are that know nothing of each other. @param random 0 to 1 */
export function arrivals(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}
