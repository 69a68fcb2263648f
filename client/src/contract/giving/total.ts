/** What the live book comes to, for each asset and each recipient, true at a published checkpoint. */
import { z } from 'zod';
import { MinorText, Name, PublicId } from '../words.ts';

/** `logSize` is the size of a published checkpoint at which the figures are true. */
export const AsOf = z.object({ logSize: z.int().min(0) });

export const AssetTotal = z.object({ givenMinor: MinorText, returnedMinor: MinorText, gifts: MinorText });
export type AssetTotal = z.output<typeof AssetTotal>;

export const AssetTotals = z.record(z.string(), AssetTotal);

export const Totals = z.object({ asOf: AsOf, assets: AssetTotals }).meta({ id: 'Totals' });
export type Totals = z.output<typeof Totals>;

export const RecipientTotals = z.object({
  asOf: AsOf,
  recipients: z.array(
    z.object({
      recipient: PublicId,
      type: z.enum(['project', 'organisation']),
      name: Name,
      charity: Name,
      assets: AssetTotals,
    }),
  ),
});
export type RecipientTotals = z.output<typeof RecipientTotals>;
