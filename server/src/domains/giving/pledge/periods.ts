/** Which pledge an item carries from when: a list of points in time, newest first, never changed in place. Most items have one. */

/** From `fromMs` until the next point the item carries `pledge`; null: none. */
export interface Period<P> {
  readonly fromMs: number;
  readonly pledge: P | null;
  readonly before: Period<P> | null;
}

/** The period in force at `ms`; null before the first. */
export function periodAt<P>(newest: Period<P> | null, ms: number): Period<P> | null {
  let period = newest;
  while (period !== null && period.fromMs > ms) period = period.before;
  return period;
}

/** `newest` with one more point; a point at the same time is replaced. */
export function withPoint<P>(newest: Period<P> | null, fromMs: number, pledge: P | null): Period<P> {
  if (newest === null || newest.fromMs < fromMs) return { fromMs, pledge, before: newest };
  if (newest.fromMs === fromMs) return { fromMs, pledge, before: newest.before };
  return { ...newest, before: withPoint(newest.before, fromMs, pledge) };
}

/** The pledge whose point is exactly at `ms`; undefined when no point is there. */
export function pointAt<P>(newest: Period<P> | null, ms: number): P | null | undefined {
  const period = periodAt(newest, ms);
  return period?.fromMs === ms ? period.pledge : undefined;
}

export function countPoints<P>(newest: Period<P> | null): number {
  let count = 0;
  for (let period = newest; period !== null; period = period.before) count++;
  return count;
}

/** Whether the item carried `pledge` at some time in `sinceMs` … `untilMs`, both included. */
export function carriedWithin<P>(newest: Period<P> | null, pledge: P, sinceMs: number, untilMs: number): boolean {
  for (let period = periodAt(newest, untilMs); period !== null; period = period.before) {
    if (period.pledge === pledge) return true;
    if (period.fromMs <= sinceMs) return false;
  }
  return false;
}

export function everCarried<P>(newest: Period<P> | null, pledge: P): boolean {
  for (let period = newest; period !== null; period = period.before) if (period.pledge === pledge) return true;
  return false;
}
