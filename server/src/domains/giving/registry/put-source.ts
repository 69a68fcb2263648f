/** A marketplace is named, or changes. Its book is written once: a test source stays one. */
import type { Source, SourceAnswer, SourceBody } from '@rivulet/client/contract';
import { canonical, type Name } from '@rivulet/verifier';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import type { GivingBook, GivingContext } from '../book.ts';
import { isCurrency } from '../pledge/currency.ts';
import type { Draft } from './draft.ts';
import { RegistryWork } from './registry.ts';
import { readSources, type SourceRow } from './store.ts';

/** Durable on return. Refuses with `currency_unknown` or `test_fixed`. */
export async function putSource(
  context: GivingContext,
  source: string,
  body: SourceBody,
): Promise<SourceAnswer | Refusal> {
  const unknown = body.currencies.findIndex((currency) => !isCurrency(currency));
  if (unknown >= 0) return currencyUnknown(unknown);
  const [known] = await readSources(context.pool, [source]);
  const held = context.books.find(({ book }) =>
    known === undefined ? (book.purpose === 'test') === body.test : book.bookId === known.bookId,
  );
  if (held === undefined) throw new TypeError('there is no such book');
  const work = new RegistryWork(held.registry, source, 1, {}, (draft) => put(draft, source, body, isTest(held)));
  const { result } = await held.writer.submit(work);
  return isRefusal(result) ? result : { ...sourceAnswer(result.row, context), outcome: result.outcome };
}

export function sourceAnswer(row: SourceRow, context: GivingContext): Source {
  const held = context.books.find(({ book }) => book.bookId === row.bookId);
  if (held === undefined) throw new TypeError(`source ${row.source} is in a book that is not here`);
  const { source, name, zone, currencies, base } = row;
  return {
    source,
    name,
    zone,
    currencies: [...currencies],
    base: [...base],
    test: isTest(held),
    book: held.book.book,
  };
}

function put(draft: Draft, source: string, { test, ...said }: SourceBody, isTestBook: boolean) {
  const before = draft.source(source);
  if (test !== isTestBook || (before !== undefined && before.bookId !== draft.bookId)) return testFixed;
  const name = said.name as Name;
  const content = { ...said, name, base: [...said.base].sort() };
  if (before !== undefined && canonical(content) === canonical(contentOf(before)))
    return { outcome: 'unchanged' as const, row: before };
  const entry = { kind: 'giving.source' as const, name, source, zone: said.zone };
  const repeated = before !== undefined && canonical(publicOf(before)) === canonical(publicOf(content));
  const index = repeated ? before.index : draft.say(entry);
  const row = { source, bookId: draft.bookId, ...content, index };
  draft.putSource(row);
  return { outcome: before === undefined ? ('created' as const) : ('changed' as const), row };
}

function contentOf({ name, zone, currencies, base }: SourceRow) {
  return { name, zone, currencies, base };
}

function publicOf({ name, zone }: Pick<SourceRow, 'name' | 'zone'>) {
  return { name, zone };
}

function isTest({ book }: GivingBook): boolean {
  return book.purpose === 'test';
}

const testFixed = refusal(
  'conflict',
  'test_fixed',
  'a source is for test or live for ever; name another source',
  '来源（商城）的测试或正式属性不可更改，请另建来源',
  'test',
);

function currencyUnknown(at: number): Refusal {
  return refusal(
    'invalid',
    'currency_unknown',
    'must be a currency of ISO 4217',
    '必须是 ISO 4217 货币代码',
    `currencies[${at}]`,
  );
}
