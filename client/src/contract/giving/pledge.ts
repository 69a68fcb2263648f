/** What each sale gives, to whom, from when. A change makes the next version; versions are public entries. */
import { z } from 'zod';
import { resultsOf } from '../bulk.ts';
import { limits } from '../limits.ts';
import { says } from '../problem.ts';
import { Asset, Id, listOf, Moment, PublicId, SourceId } from '../words.ts';

const one = says(
  'must have either basisPoints, or fixedMinor and per',
  '必须有 basisPoints，或同时有 fixedMinor 与 per',
);

/** Without `@`, which joins a pledge and its version in an order event. */
export const PledgeId = Id.refine((id) => !id.includes('@'), { error: says('must not contain @', '不能包含 @') });

export const Share = z.strictObject({ recipient: Id, weight: z.int().min(1).max(limits.weight).default(1) });

/**
 * `basisPoints` of the price, or `fixedMinor` for each line or unit. `capMinor` is of everything given under this pledge, gross.
 * `imported`: history from before its own entry; only then may `startsAt` lie in the past. A version that is not imported starts at its
 * acceptance at the earliest. `items` are set to carry this pledge from its start; items that it does not name are left alone.
 */
export const PledgeRow = z
  .strictObject({
    pledge: PledgeId,
    merchant: Id,
    currency: Asset,
    basisPoints: z.int().min(limits.basisPoints.min).max(limits.basisPoints.max).optional(),
    fixedMinor: z.int().min(1).max(limits.fixedMinor).optional(),
    per: z.enum(['line', 'unit']).optional(),
    recipients: listOf(Share, 1, limits.recipientsOfPledge, (share) => share.recipient),
    startsAt: Moment.optional(),
    endsAt: Moment.optional(),
    capMinor: z.int().min(1).optional(),
    imported: z.boolean().default(false),
    items: listOf(Id, 0, limits.rows).optional(),
  })
  .refine(
    (row) =>
      row.basisPoints === undefined
        ? row.fixedMinor !== undefined && row.per !== undefined
        : row.fixedMinor === undefined && row.per === undefined,
    { error: one },
  );
export type PledgeRow = z.output<typeof PledgeRow>;
export type PledgeInput = z.input<typeof PledgeRow>;

/** The newest version of a pledge. `from` and `until` are times; `givenMinor` is gross, over all versions. */
export const Pledge = z.object({
  pledge: z.string(),
  publicId: PublicId,
  merchant: z.string(),
  version: z.int(),
  currency: z.string(),
  basisPoints: z.int().optional(),
  fixedMinor: z.int().optional(),
  per: z.enum(['line', 'unit']).optional(),
  recipients: z.array(z.object({ recipient: z.string(), weight: z.int() })),
  startsAt: z.string(),
  endsAt: z.string().optional(),
  capMinor: z.int().optional(),
  imported: z.boolean(),
  termsIndex: z.int(),
});
export type Pledge = z.output<typeof Pledge>;

/** `termsIndex` is the version's position in the log; `startsAt` is when it takes over, never before its own entry unless imported. */
export const PledgeAnswer = resultsOf({
  pledge: z.string(),
  publicId: PublicId,
  version: z.int().min(1),
  termsIndex: z.int().min(0),
  startsAt: z.string(),
});
export type PledgeAnswer = z.output<typeof PledgeAnswer>;

export const PledgeParams = z.strictObject({ source: SourceId, pledge: Id });

/** A pledge ended: its last version starts now and gives nothing. `unchanged` when it had ended before. */
export const PledgeEnded = z.object({
  outcome: z.enum(['changed', 'unchanged']),
  pledge: z.string(),
  publicId: PublicId,
  version: z.int().min(1),
  termsIndex: z.int().min(0),
  startsAt: z.string(),
});
export type PledgeEnded = z.output<typeof PledgeEnded>;
