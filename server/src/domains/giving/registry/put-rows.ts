/** What all bulk requests of the registry share: rows are read one by one, put in parts by the book's writer, and answered in order. */
import { type Problem, type RowOutcome, read } from '@rivulet/client/contract';
import type { z } from 'zod';
import { isRefusal, type Refusal } from '#base/refusal';
import type { GivingBook } from '../book.ts';
import type { Draft } from './draft.ts';
import { type Needs, RegistryWork } from './registry.ts';

export type Language = 'en' | 'zh';

/** A put row's outcome with what its answer says. */
export type Put<Said> = Said & { readonly outcome: Exclude<RowOutcome, 'refused'> };

export type RowResult<Said> =
  | Put<Said>
  | {
      readonly outcome: 'refused';
      readonly error: { readonly code: string; readonly message: string; readonly field?: string };
    };

export interface BulkPut<S extends z.ZodType, Said> {
  readonly schema: S;
  /** How much work a row is; 1 for a plain one. */
  readonly weight?: (row: z.output<S>) => number;
  /** Ids that these rows are about. */
  readonly needs: (rows: readonly z.output<S>[]) => Needs;
  /** Refused before the writer is asked; the row is not put. */
  readonly refused?: (row: z.output<S>) => Refusal | null;
  readonly put: (draft: Draft, row: z.output<S>) => Put<Said> | Refusal;
}

/** One transaction holds at most so much, so that orders do not wait long behind a big catalogue. */
const maxPartWeight = 2_000;

/**
 * Puts each row or refuses it. Durable on return. Parts are written one after the other: if a Fault ends the request halfway, the earlier parts are
 * in, and answer `unchanged` when the same request comes again.
 */
export async function putRows<S extends z.ZodType, Said>(
  { writer, registry }: GivingBook,
  source: string | null,
  rows: readonly unknown[],
  language: Language,
  bulk: BulkPut<S, Said>,
): Promise<{ results: RowResult<Said>[] }> {
  const results: (RowResult<Said> | undefined)[] = rows.map(() => undefined);
  const accepted: { readonly at: number; readonly row: z.output<S> }[] = [];
  rows.forEach((value, at) => {
    const parsed = read(bulk.schema, value);
    const problem = parsed.ok ? (bulk.refused?.(parsed.value) ?? null) : parsed.problem;
    if (problem !== null) results[at] = shown(problem, language);
    else if (parsed.ok) accepted.push({ at, row: parsed.value });
  });
  for (const part of parts(accepted, ({ row }) => bulk.weight?.(row) ?? 1)) {
    const weight = part.reduce((sum, { row }) => sum + (bulk.weight?.(row) ?? 1), 0);
    const work = new RegistryWork(registry, source, weight, bulk.needs(part.map(({ row }) => row)), (draft) =>
      part.map(({ row }) => bulk.put(draft, row)),
    );
    const { result } = await writer.submit(work);
    result.forEach((put, i) => {
      results[part[i]?.at as number] = isRefusal(put) ? shown(put, language) : put;
    });
  }
  return { results: results as RowResult<Said>[] };
}

function* parts<T>(rows: readonly T[], weightOf: (row: T) => number): Generator<T[]> {
  let part: T[] = [];
  let weight = 0;
  for (const row of rows) {
    const own = weightOf(row);
    if (part.length > 0 && weight + own > maxPartWeight) {
      yield part;
      part = [];
      weight = 0;
    }
    part.push(row);
    weight += own;
  }
  if (part.length > 0) yield part;
}

function shown({ code, field, message }: Problem | Refusal, language: Language): RowResult<never> {
  const error = { code, message: message[language], ...(field === undefined ? {} : { field }) };
  return { outcome: 'refused', error };
}
