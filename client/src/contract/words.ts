/** The small words that every body is made of. */
import { z } from 'zod';
import { limits } from './limits.ts';
import { says } from './problem.ts';

/**
 * An id of the marketplace's own: 1 to 128 characters, no control character, no line or paragraph separator, no invisible or
 * direction-changing mark, no half of a surrogate pair. Compared byte by byte.
 */
export const idPattern = /^[^\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\p{Cs}]{1,128}$/u;
export const sourcePattern = /^[A-Za-z0-9._-]{1,64}$/;
export const assetPattern = /^[A-Z0-9]{3,12}$/;
/** RFC 3339 with `T`, seconds and a zone; whether the day exists is checked by `timeMs`. */
export const timePattern =
  /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
export const datePattern = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

export const sayings = {
  id: says(
    'must be 1 to 128 printable characters, without control characters',
    '必须是 1 至 128 个可见字符，不含控制字符',
  ),
  source: says('must be 1 to 64 of A-Z a-z 0-9 . _ -', '必须是 1 至 64 个 A-Z a-z 0-9 . _ - 字符'),
  asset: says('must be 3 to 12 of A-Z 0-9, for example CNY', '必须是 3 至 12 个 A-Z 0-9 字符，例如 CNY'),
  time: says(
    'must be a time with a zone, for example 2026-11-18T08:00:01.234Z, in the years 2000 to 2099',
    '必须是带时区的时间，例如 2026-11-18T08:00:01.234Z，年份在 2000 至 2099 之间',
  ),
  date: says('must be a day, for example 2026-11-18', '必须是日期，例如 2026-11-18'),
  moment: says('must be a time with a zone or a day', '必须是带时区的时间或日期'),
  text: says('must be printable text', '必须是可见文本'),
  zone: says('must be a time zone of the IANA list, for example Asia/Shanghai', '必须是 IANA 时区，例如 Asia/Shanghai'),
  name: says('must have en or zh', '必须有 en 或 zh'),
  distinct: says('must not name anything twice', '不能有重复'),
} as const;

export const Id = z.string().regex(idPattern, sayings.id).meta({ description: 'An id of your own' });
export const SourceId = z.string().regex(sourcePattern, sayings.source);
/** Code of an asset whose smallest unit amounts are counted in. */
export const Asset = z.string().regex(assetPattern, sayings.asset);
/** Random, says nothing: the name of a recipient, merchant or pledge in the public log. */
export const PublicId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{16}$/, sayings.text);
export const Book = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, sayings.text);
/** `<book>-<index>`. */
export const GiftId = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}-\d{1,16}$/,
    says('must be a gift id, for example main-1234', '必须是捐赠编号，例如 main-1234'),
  );
/** Minor units as decimal digits: sums may pass 2^53. */
export const MinorText = z.string().regex(/^\d{1,30}$/, says('must be digits', '必须是数字'));

/** Milliseconds since 1970 of a time of the contract, parts of a millisecond cut off; NaN when it is not one (29 February of a common year, too). */
export function timeMs(text: string): number {
  return timePattern.test(text) && dayExists(text) ? Date.parse(text) : Number.NaN;
}

/** For a text that starts like `datePattern`: whether the month has that day. */
export function dayExists(text: string): boolean {
  const tens = text.charCodeAt(8);
  if (tens < 50 || (tens === 50 && text.charCodeAt(9) < 57)) return true;
  const day = Number(text.slice(8, 10));
  const month = Number(text.slice(5, 7));
  if (month === 2) return day === 29 && Number(text.slice(0, 4)) % 4 === 0;
  return day < 31 || (month < 8 ? month % 2 === 1 : month % 2 === 0);
}

/** Leap years of 2000 to 2099 are those divisible by four. */
export const Time = z
  .string()
  .regex(timePattern, { error: sayings.time, abort: true })
  .refine(dayExists, { error: sayings.time })
  .meta({ format: 'date-time' });
export const Day = z
  .string()
  .regex(datePattern, { error: sayings.date, abort: true })
  .refine(dayExists, { error: sayings.date })
  .meta({ format: 'date' });
/** A time, or a day in the source's zone: as a start its first second, as an end its last. */
export const Moment = z
  .string()
  .refine((text) => (timePattern.test(text) || datePattern.test(text)) && dayExists(text), { error: sayings.moment });

/** Minor units of one amount of an order line. */
export const Amount = z.int().min(0).max(limits.amountMinor);

/** Text that people read, without control characters, trimmed of nothing. */
export const Text = z.string().regex(/^[^\p{Cc}\u2028\u2029\p{Cs}]{1,200}$/u, sayings.text);

/** In English, Chinese or both. */
export const Name = z
  .strictObject({ en: Text.optional(), zh: Text.optional() })
  .refine((name) => name.en !== undefined || name.zh !== undefined, { error: sayings.name });
export type Name = z.output<typeof Name>;

export const Zone = z
  .string()
  .regex(/^[A-Za-z0-9_+/-]{1,64}$/, { error: sayings.zone, abort: true })
  .refine(isZone, { error: sayings.zone });

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** A list of `row` of which no two have the same `key`. */
export function listOf<S extends z.ZodType>(
  row: S,
  min: number,
  max: number,
  key: (row: z.output<S>) => unknown = (value) => value,
) {
  return z
    .array(row)
    .min(min)
    .max(max)
    .refine((rows) => new Set(rows.map(key)).size === rows.length, { error: sayings.distinct });
}
