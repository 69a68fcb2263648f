/** The donor of record of the gifts that its pledges make. */
import { z } from 'zod';
import { resultsOf } from '../bulk.ts';
import { Day, Id, Name, PublicId, Text } from '../words.ts';

/** The donation agreement that the merchant signed: without one on file its pledges are refused. */
export const Agreement = z.strictObject({ reference: Text, signedOn: Day });

/** `public`: a legal person whose agreement says that its name and gift counts are public. */
export const MerchantRow = z.strictObject({
  merchant: Id,
  name: Name.optional(),
  public: z.boolean().default(false),
  agreement: Agreement.optional(),
});
export type MerchantRow = z.output<typeof MerchantRow>;
export type MerchantInput = z.input<typeof MerchantRow>;

export const Merchant = z.object({
  merchant: z.string(),
  publicId: PublicId,
  name: Name.optional(),
  public: z.boolean(),
  agreement: z.object({ reference: z.string(), signedOn: z.string() }).optional(),
});
export type Merchant = z.output<typeof Merchant>;

export const MerchantAnswer = resultsOf({ merchant: z.string(), publicId: PublicId });
export type MerchantAnswer = z.output<typeof MerchantAnswer>;
