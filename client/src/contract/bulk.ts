/** What bulk requests and lists have in common. */
import { z } from 'zod';
import { ErrorDetail } from './error.ts';
import { limits } from './limits.ts';

/** A bulk body: a JSON array, or the same rows as NDJSON. */
export function rowsOf<S extends z.ZodType>(row: S) {
  return z.array(row).max(limits.rows);
}

export const RowOutcome = z.enum(['created', 'changed', 'unchanged', 'refused']);
export type RowOutcome = z.output<typeof RowOutcome>;

/** One result a row, in order. A refused row has `error` and none of `said`. */
export function resultsOf<S extends z.ZodRawShape>(said: S) {
  const accepted = z.object({ outcome: z.enum(['created', 'changed', 'unchanged']), ...said });
  return z.object({ results: z.array(z.discriminatedUnion('outcome', [accepted, RefusedRow])) });
}

export const RefusedRow = z.object({ outcome: z.literal('refused'), error: ErrorDetail });
export type RefusedRow = z.output<typeof RefusedRow>;

/** `after` is the `next` of the page before; no `after` is the first page. */
export const PageQuery = z.strictObject({
  after: z.string().max(400).optional(),
  limit: z.coerce.number<string>().pipe(z.int().min(1).max(limits.page)).default(100),
});
export type PageQuery = z.output<typeof PageQuery>;

/** One page; `next` is null on the last. */
export function pageOf<S extends z.ZodType>(row: S) {
  return z.object({ list: z.array(row), next: z.string().nullable() });
}
export interface Page<T> {
  readonly list: readonly T[];
  readonly next: string | null;
}
