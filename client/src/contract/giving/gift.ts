/** Looking at one gift: by its code, by its order, and erasing its buyer. */
import { z } from 'zod';
import { Book, GiftId, Id, MinorText, Name, PublicId, SourceId } from '../words.ts';
import { IgnoredReason } from './order-result.ts';

export const GiftParams = z.strictObject({ id: GiftId });

/** 26 characters of Crockford base32; hyphens, spaces, case and O, I, L are forgiven. */
export const GiftCode = z
  .string()
  .min(26)
  .max(80)
  .regex(/^[0-9A-Za-z\s-]+$/, 'must be a gift code');

export const GiftLookup = z.strictObject({ code: GiftCode });
/** The body of a proof request; the code may also be sent in the header `Rivulet-Gift-Code`. */
export const ProofRequest = z.strictObject({ code: GiftCode.optional() });

export const GiftRecipient = z.object({
  recipient: PublicId,
  type: z.enum(['project', 'organisation']),
  name: Name,
  charity: Name,
  amountMinor: MinorText,
  keptMinor: MinorText,
});

/** Public facts of a gift. `merchant.name` only when it is public. `published` says whether a checkpoint covers it, so that a proof exists. */
export const Gift = z
  .object({
    gift: GiftId,
    book: Book,
    index: z.int(),
    purpose: z.enum(['live', 'test']),
    imported: z.boolean(),
    currency: z.string(),
    givenMinor: MinorText,
    returnedMinor: MinorText,
    keptMinor: MinorText,
    merchant: z.object({ merchant: PublicId, name: Name.optional() }),
    recipients: z.array(GiftRecipient),
    termsIndex: z.int(),
    published: z.boolean(),
  })
  .meta({ id: 'Gift' });
export type Gift = z.output<typeof Gift>;

export const OrderLookup = z.strictObject({ source: SourceId, order: Id, line: Id });
export type OrderLookup = z.output<typeof OrderLookup>;

/** What became of an order line: its gift, or why there is none. `unknown`: never reported. */
export const OrderLookupAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('gift'), gift: Gift }),
  z.object({ outcome: z.literal('ignored'), reason: z.union([IgnoredReason, z.string()]) }),
  z.object({ outcome: z.literal('refused'), reason: z.string() }),
  z.object({ outcome: z.literal('unknown') }),
]);
export type OrderLookupAnswer = z.output<typeof OrderLookupAnswer>;

/** Forgets a buyer of this source for good: no seal of theirs can be opened any more, every proof still holds. */
export const ErasureRequest = z.strictObject({ buyer: Id });
export const ErasureAnswer = z.object({ outcome: z.enum(['erased', 'unknown']), gifts: z.int().min(0) });
export type ErasureAnswer = z.output<typeof ErasureAnswer>;
