/** Who may be given to. Operators name them; they are public. */
import { z } from 'zod';
import { resultsOf } from '../bulk.ts';
import { Asset, Id, listOf, Name, PublicId } from '../words.ts';

export const RecipientType = z.enum(['project', 'organisation']);

/** `charity` is the legal person responsible for the project. */
export const RecipientRow = z.strictObject({
  recipient: Id,
  type: RecipientType,
  name: Name,
  charity: Name,
  assets: listOf(Asset, 1, 20),
});
export type RecipientRow = z.output<typeof RecipientRow>;

export const Recipient = z.object({
  recipient: z.string(),
  publicId: PublicId,
  type: RecipientType,
  name: Name,
  charity: Name,
  assets: z.array(z.string()),
});
export type Recipient = z.output<typeof Recipient>;

export const RecipientAnswer = resultsOf({ recipient: z.string(), publicId: PublicId });
export type RecipientAnswer = z.output<typeof RecipientAnswer>;
