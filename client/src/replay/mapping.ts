/** The mapping file: how a CSV file reads as a marketplace's orders, and which pledges are made for it. Described in docs/operating/replay.md. */
import { z } from 'zod';
import {
  Agreement,
  Asset,
  limits,
  listOf,
  Moment,
  Name,
  RecipientRow,
  read,
  Share,
  SourceBody,
  SourceId,
  Zone,
} from '../contract/index.ts';

/** Text in which `{column}` stands for that column's value. */
const Template = z.string().min(1).max(500);
/** One decimal, or several to be added up. */
const MoneyTemplate = z.union([Template, z.array(Template).min(1).max(10)]);

/** One kind of pledge and its share of the merchants; a kind without a rule is "no pledge". */
export const Kind = z.strictObject({
  share: z.int().min(1).max(10_000),
  basisPoints: z.int().min(limits.basisPoints.min).max(limits.basisPoints.max).optional(),
  fixedMinor: z.int().min(1).max(limits.fixedMinor).optional(),
  per: z.enum(['line', 'unit']).optional(),
  recipients: listOf(Share, 1, limits.recipientsOfPledge, (share) => share.recipient).optional(),
});
export type Kind = z.output<typeof Kind>;

export const Mapping = z.strictObject({
  about: z.string().optional(),
  delimiter: z.string().length(1).default(','),
  source: SourceBody.extend({ source: SourceId }),
  currency: Asset,
  /** Digits after the point of the currency: 2 for dollars and cents. */
  scale: z.int().min(0).max(9),
  /** Of times that state no zone. */
  zone: Zone,
  order: z.strictObject({
    order: Template,
    line: Template,
    merchant: Template,
    item: Template,
    buyer: Template.optional(),
    quantity: Template,
    paid: MoneyTemplate,
    shipping: MoneyTemplate.optional(),
    tax: MoneyTemplate.optional(),
    discount: MoneyTemplate.optional(),
    platformDiscount: MoneyTemplate.optional(),
    placedAt: Template,
    completedAt: Template,
  }),
  recipients: z.array(RecipientRow).min(1).max(1_000),
  /** In these texts `{merchant}` is the merchant's id. */
  merchants: z.strictObject({ name: Name.optional(), public: z.boolean().default(false), agreement: Agreement }),
  pledges: z.strictObject({
    startsAt: Moment,
    imported: z.boolean().default(true),
    spread: z.array(Kind).min(1).max(100),
  }),
});
export type Mapping = z.output<typeof Mapping>;

/** A mapping that cannot be used: says where and why. */
export class MappingFault extends Error {
  override name = 'MappingFault';
}

/** @throws MappingFault */
export function readMapping(text: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MappingFault((error as Error).message);
  }
  const mapping = read(Mapping, value);
  if (!mapping.ok)
    throw new MappingFault(
      `${mapping.problem.field ?? ''}: ${mapping.problem.message.en} / ${mapping.problem.message.zh}`,
    );
  return mapping.value;
}
