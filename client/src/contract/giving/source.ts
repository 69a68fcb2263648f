/** A marketplace, or one shop system of it: where order events come from. */
import { z } from 'zod';
import { Asset, Book, listOf, Name, SourceId, Zone } from '../words.ts';

/** What may count into the price beside what was paid for the goods themselves. */
export const PriceBase = z.enum(['discount', 'platformDiscount', 'shipping', 'tax']);
export type PriceBase = z.output<typeof PriceBase>;

export const SourceParams = z.strictObject({ source: SourceId });

/** `zone` decides what a day is. `base` says what counts into the price. A test source stays one for ever: its gifts are in no public total. */
export const SourceBody = z.strictObject({
  name: Name,
  zone: Zone,
  currencies: listOf(Asset, 1, 20),
  base: listOf(PriceBase, 0, 4).default(['shipping', 'tax']),
  test: z.boolean().default(false),
});
export type SourceBody = z.output<typeof SourceBody>;
export type SourceInput = z.input<typeof SourceBody>;

export const Source = z.object({
  source: SourceId,
  name: Name,
  zone: z.string(),
  currencies: z.array(z.string()),
  base: z.array(PriceBase),
  test: z.boolean(),
  book: Book,
});
export type Source = z.output<typeof Source>;

export const SourceAnswer = Source.extend({ outcome: z.enum(['created', 'changed', 'unchanged']) });
export type SourceAnswer = z.output<typeof SourceAnswer>;
