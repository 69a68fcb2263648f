/** Times as a file writes them: with a zone as they are, without one in the zone that the mapping states. */
import { Temporal } from 'temporal-polyfill';

const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/;

/** `not_a_time`; `no_such_local_time`: the hour that a change to summer time skips. */
export type TimeFault = 'not_a_time' | 'no_such_local_time';
export type ReadTime = (text: string) => { readonly time: string } | { readonly fault: TimeFault };

/**
 * A reader for one zone. Its times are RFC 3339 with the offset that was in force there and then; of the two readings in the hour
 * that a change back repeats, the earlier.
 */
export function timesIn(zone: string): ReadTime {
  let lastMinute = '';
  let lastOffset = '';
  return (text) => {
    const [, date, minute, seconds = ':00', stated] = form.exec(text.trim()) ?? [];
    if (date === undefined || minute === undefined) return { fault: 'not_a_time' };
    if (stated !== undefined) return { time: `${date}T${minute}${seconds}${stated}` };
    const local = `${date}T${minute}`;
    if (local !== lastMinute) {
      const offset = offsetAt(local, zone);
      if (offset === 'not_a_time' || offset === 'no_such_local_time') return { fault: offset };
      lastMinute = local;
      lastOffset = offset;
    }
    return { time: `${local}${seconds}${lastOffset}` };
  };
}

function offsetAt(local: string, zone: string): string {
  try {
    const plain = Temporal.PlainDateTime.from(local, { overflow: 'reject' });
    const zoned = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
    return zoned.toPlainDateTime().equals(plain) ? zoned.offset : 'no_such_local_time';
  } catch {
    return 'not_a_time';
  }
}
