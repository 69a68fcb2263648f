/** Which pledge an item carries, and the feed by which a marketplace sends matching lines only. */
import { z } from 'zod';
import { resultsOf } from '../bulk.ts';
import { Id, Moment } from '../words.ts';

/** `pledge` null takes the pledge off the item. Without `startsAt` it holds from now, or from the pledge's start if that is imported. */
export const ItemRow = z.strictObject({
  merchant: Id,
  item: Id,
  pledge: Id.nullable(),
  startsAt: Moment.optional(),
});
export type ItemRow = z.output<typeof ItemRow>;

export const Item = z.object({
  merchant: z.string(),
  item: z.string(),
  pledge: z.string().nullable(),
  startsAt: z.string(),
});
export type Item = z.output<typeof Item>;

export const ItemAnswer = resultsOf({ merchant: z.string(), item: z.string() });
export type ItemAnswer = z.output<typeof ItemAnswer>;

/** `until` is exclusive and absent while no end is known. A later row of the same item takes over; `pledge` null says that it ended. */
export const FeedRow = z.object({
  merchant: z.string(),
  item: z.string(),
  pledge: z.string().nullable(),
  from: z.string(),
  until: z.string().optional(),
});
export type FeedRow = z.output<typeof FeedRow>;
