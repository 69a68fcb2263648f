/** What became of each event, and the promise that it will be in the log. */
import { z } from 'zod';
import { ErrorDetail } from '../error.ts';
import { Book, GiftId, MinorText } from '../words.ts';

/** Why a line made no gift, or a return took nothing back. */
export const IgnoredReason = z.enum([
  'no_pledge',
  'not_started',
  'ended',
  'cap_reached',
  'rounds_to_zero',
  /** A return of a line that made no gift. */
  'no_gift',
]);
export type IgnoredReason = z.output<typeof IgnoredReason>;

/** `recipient` is a public id. */
export const GiftPart = z.object({ recipient: z.string(), amountMinor: MinorText });
export type GiftPart = z.output<typeof GiftPart>;

/**
 * `code` is the gift code, 128 bits as 26 characters of Crockford base32: who has it may open the gift, so it goes to the buyer only.
 * `index` is the gift's position in the book's log.
 */
export const GiftMade = z.object({
  gift: GiftId,
  index: z.int().min(0),
  currency: z.string(),
  givenMinor: MinorText,
  parts: z.array(GiftPart),
  code: z.string(),
});
export type GiftMade = z.output<typeof GiftMade>;

/**
 * `keptMinor` is what is left of the gift after all its returns. `index` is the return's own entry, null when rounding left nothing to take
 * back. `settled` false: declared, to be taken back from the next gifts.
 */
export const ReturnMade = z.object({
  gift: GiftId,
  index: z.int().min(0).nullable(),
  returnedMinor: MinorText,
  keptMinor: MinorText,
});
export type ReturnMade = z.output<typeof ReturnMade>;

const made = { created: z.literal('created'), duplicate: z.literal('duplicate') };

/** A return that arrived before its order; it takes effect when the order does, up to 180 days. */
export const ReturnWaits = z.object({ outcome: z.enum(['created', 'duplicate']), waiting: z.literal(true) });

/** One result an event, in order. */
export const OrderResult = z.union([
  GiftMade.extend({ outcome: made.created }),
  GiftMade.extend({ outcome: made.duplicate }),
  ReturnMade.extend({ outcome: made.created }),
  ReturnMade.extend({ outcome: made.duplicate }),
  ReturnWaits,
  z.object({ outcome: z.literal('ignored'), reason: IgnoredReason }),
  z.object({ outcome: z.literal('refused'), error: ErrorDetail }),
]);
export type OrderResult = z.output<typeof OrderResult>;

/**
 * `promise` is a signed note (docs/formats/proofs.md) over what this request added to the log, null when it added nothing;
 * `checkpoint` the newest published one, null before the first. Keep both: together they prove an omission.
 */
export const OrdersAnswer = z
  .object({
    results: z.array(OrderResult),
    promise: z.string().nullable(),
    checkpoint: z.string().nullable(),
    book: Book,
  })
  .meta({ id: 'OrdersAnswer' });
export type OrdersAnswer = z.output<typeof OrdersAnswer>;
