/** How a marketplace checks its books against ours: a day's sums, and the stream of changes. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { Day, GiftId, MinorText, SourceId } from '../words.ts';

export const DayParams = z.strictObject({ source: SourceId, date: Day });

/** `outcome`: created, duplicate, ignored, refused, returned. `reason` and `currency` are empty where they say nothing. */
export const DayLine = z.object({
  outcome: z.enum(['created', 'returned', 'ignored', 'refused', 'duplicate']),
  reason: z.string(),
  currency: z.string(),
  lines: MinorText,
  minor: MinorText,
});

/**
 * One day in the source's zone, of `completedAt` and `returnedAt`. `digest` (64 hex) is the sum modulo 2^256 of the leaf hashes of the day's
 * gift and return entries; `tallied` says when the day was last closed with a `giving.tally` entry, null while it is open.
 */
export const DayReport = z.object({
  source: SourceId,
  date: Day,
  zone: z.string(),
  lines: z.array(DayLine),
  digest: z.string(),
  tallied: z.string().nullable(),
});
export type DayReport = z.output<typeof DayReport>;

/** `source` for an operator's key; a source's key reads its own. */
export const ChangesQuery = z.strictObject({
  source: SourceId.optional(),
  after: z.coerce.number<string>().pipe(z.int().min(-1)).default(-1),
  limit: z.coerce.number<string>().pipe(z.int().min(1).max(limits.changes)).default(1_000),
});

/** One line of the NDJSON stream, in log order; `after` is the last `index` seen. Order members are absent when the buyer was erased. */
export const Change = z.object({
  type: z.enum(['gift.created', 'gift.returned']),
  index: z.int().min(0),
  gift: GiftId,
  order: z.string().optional(),
  line: z.string().optional(),
  return: z.string().optional(),
  currency: z.string(),
  minor: MinorText,
});
export type Change = z.output<typeof Change>;
