/** `POST /v1/giving/orders`: takes a request's events in, one result each, same order, with a signed promise and the newest checkpoint. */
import { assert } from '#base/assert';
import { Fault } from '#base/fault';
import { type Refusal, refusal } from '#base/refusal';
import { bookOf, type GivingBook, type GivingContext } from '../book.ts';
import { ordersAnswer } from './answer/orders-answer.ts';
import { promiseOf } from './answer/promise.ts';
import { draftEvent, type Reporter } from './lines/draft.ts';
import { PlainLine } from './lines/plain-lines.ts';

/** Who reports: one source, or the operator for any. */
export interface Reporting {
  readonly source: string | null;
  readonly language: 'en' | 'zh';
}

/** @returns an `OrdersAnswer` as JSON @throws Fault when nothing was recorded or it cannot be known: the same events may be sent again */
export async function recordOrders(
  context: GivingContext,
  events: readonly unknown[],
  { source, language }: Reporting,
): Promise<Uint8Array> {
  const held = bookFor(context, source, events);
  const { intake } = held;
  const drafts = events.map((event) => draftEvent(event, intake.hash, (named) => reporter(held, source, named)));
  const { result, batch, first, next } = await held.writer.submit(intake.work(drafts));
  if (result.some(({ outcome }) => outcome === 'waits')) throw windowOpen(held);
  const promise = next > first ? promiseOf(held, batch) : null;
  const checkpoint = held.log.published()?.note ?? null;
  return ordersAnswer(held, result, { promise, checkpoint, language });
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
  if (event instanceof PlainLine) return event.text('source');
  if (typeof event !== 'object' || event === null || !('source' in event)) return null;
  return typeof event.source === 'string' ? event.source : null;
}

function reporter({ book, intake }: GivingBook, own: string | null, named: string): Reporter | Refusal {
  if (own !== null && named !== own) return otherSource;
  const source = intake.catalogue.source(named);
  if (source === undefined) return unknownSource;
  return source.bookId === book.bookId ? source : otherBook;
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
