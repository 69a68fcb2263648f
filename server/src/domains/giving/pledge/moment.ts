/** Moments as the contract writes them, a time or a day, as milliseconds at whole seconds: `giving.terms` knows no smaller part. */
import { timeMs } from '@rivulet/client/contract';
import { Temporal } from 'temporal-polyfill';

const secondMs = 1000;

/** Parts of a second are cut off. */
export function floorToSecond(ms: number): number {
  return Math.floor(ms / secondMs) * secondMs;
}

/** A day begins with its first second in `zone`, also where a change of clocks leaves out midnight. */
export function startOf(moment: string, zone: string): number {
  return isDay(moment) ? dayStart(Temporal.PlainDate.from(moment), zone) : floorToSecond(timeMs(moment));
}

/** Exclusive end. A day ends where the next begins: it is included. */
export function endOf(moment: string, zone: string): number {
  return isDay(moment)
    ? dayStart(Temporal.PlainDate.from(moment).add({ days: 1 }), zone)
    : floorToSecond(timeMs(moment));
}

/** The day in `zone`, `2026-11-18`. */
export function dayAt(ms: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** `2026-11-18T08:00:02Z`, as entries write time. */
export function timeText(ms: number): string {
  return `${new Date(floorToSecond(ms)).toISOString().slice(0, 19)}Z`;
}

function isDay(moment: string): boolean {
  return moment.length === 10;
}

function dayStart(day: Temporal.PlainDate, zone: string): number {
  return floorToSecond(day.toZonedDateTime({ timeZone: zone }).epochMilliseconds);
}
