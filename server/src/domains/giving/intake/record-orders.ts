/** `POST /v1/giving/orders`: takes a request's events in, one result each, same order, with a signed promise and the newest checkpoint. */
import type { OrderResult, OrdersAnswer } from '@rivulet/client/contract';
import { assert } from '#base/assert';
import { Fault } from '#base/fault';
import { type Refusal, refusal } from '#base/refusal';
import { bookOf, type GivingBook, type GivingContext } from '../book.ts';
import { draftEvent, type Reporter } from './draft.ts';
import { promiseOf } from './promise.ts';
import type { Outcome } from './state.ts';

/** Who reports: one source, or the operator for any. */
export interface Reporting {
  readonly source: string | null;
  readonly language: 'en' | 'zh';
}

/** @throws Fault when nothing was recorded or it cannot be known: the same events may be sent again */
export async function recordOrders(
  context: GivingContext,
  events: readonly unknown[],
  { source, language }: Reporting,
): Promise<OrdersAnswer> {
  const held = bookFor(context, source, events);
  const { intake } = held;
  const drafts = events.map((event) => draftEvent(event, intake.hash, (named) => reporter(held, source, named)));
  const { result, batch, first, next } = await held.writer.submit(intake.work(drafts));
  if (result.some(({ outcome }) => outcome === 'waits')) throw windowOpen(held);
  return {
    results: result.map((outcome) => shown(outcome, language)),
    promise: next > first ? promiseOf(held, batch) : null,
    checkpoint: held.log.published()?.note ?? null,
    book: held.book.book,
  };
}

/** What could be matched is kept: the same request again finds it. */
function windowOpen({ book, intake }: GivingBook): Fault {
  const { gifts, returns } = intake.lost.count;
  const left = `${gifts} gifts and ${returns} returns are left to match`;
  const words = `book ${book.book} was rescued and takes nothing new until what was lost is sent again: ${left}; send these events again`;
  return new Fault('window_open', words, { retryAfterSeconds: 30 });
}

/** A request is for one book: the caller's own, or for an operator that of the first source it names. */
function bookFor(context: GivingContext, source: string | null, events: readonly unknown[]): GivingBook {
  const [first] = context.books;
  assert(first !== undefined, 'there is a book');
  const names = source === null ? events.map(sourceNamed) : [source];
  for (const name of names) {
    const found = name === null ? undefined : first.intake.catalogue.source(name);
    if (found !== undefined) return bookOf(context, found.bookId) ?? first;
  }
  return first;
}

function sourceNamed(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('source' in event)) return null;
  return typeof event.source === 'string' ? event.source : null;
}

function reporter({ book, intake }: GivingBook, own: string | null, named: string): Reporter | Refusal {
  if (own !== null && named !== own) return otherSource;
  const source = intake.catalogue.source(named);
  if (source === undefined) return unknownSource;
  return source.bookId === book.bookId ? source : otherBook;
}

function shown(outcome: Outcome, language: 'en' | 'zh'): OrderResult {
  if (outcome.outcome !== 'refused') return outcome as OrderResult;
  const { code, field, message } = outcome.refusal;
  return { outcome: 'refused', error: { code, message: message[language], ...(field === undefined ? {} : { field }) } };
}

const otherSource = refusal(
  'unauthorised',
  'other_source',
  'this key reports for another source',
  '该密钥属于另一个来源（商城）',
  'source',
);
const unknownSource = refusal('missing', 'source_unknown', 'there is no such source', '没有此来源（商城）', 'source');
const otherBook = refusal(
  'conflict',
  'other_book',
  'test and live sources cannot share a request',
  '测试来源与正式来源不能在同一请求中',
  'source',
);
