/** An event made ready for the book: read, keyed, dated. Needs no state, so it is done while the batch before is being written. */
import {
  idPattern,
  isOrderEvent,
  type OrderCompleted,
  type OrderReturned,
  readOrderEvent,
  timeMs,
} from '@rivulet/client/contract';
import type { KeyedHash } from '#base/keyed-hash';
import { type Refusal, refusal } from '#base/refusal';

export interface CompletedDraft {
  readonly kind: 'completed';
  readonly event: OrderCompleted;
  /** HMAC-128 of (source, order, line), a binary string. */
  readonly key: string;
  /** HMAC-64 of what may not differ when the event is sent again. */
  readonly material: bigint;
  readonly placedMs: number;
  /** Day of completedAt in the source's zone. */
  readonly date: string;
}

export interface ReturnedDraft {
  readonly kind: 'returned';
  readonly event: OrderReturned;
  /** HMAC-128 of (source, return, order, line). */
  readonly key: string;
  /** The key of the order line that it returns. */
  readonly lineKey: string;
  readonly material: bigint;
  readonly date: string;
}

export interface RefusedDraft {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  /** The order line, where so much could be read: the refusal is then kept, so that looking the line up says why it made no gift. */
  readonly line: { readonly source: string; readonly key: string; readonly date: string } | null;
}

export type Draft = CompletedDraft | ReturnedDraft | RefusedDraft;

/** What drafting needs to know of a source that may report. */
export interface Reporter {
  readonly source: string;
  dayOf(ms: number): string;
}

/**
 * @param reporterOf the source when this caller may report for it and it lives in this book, else why not
 */
export function draftEvent(value: unknown, hash: KeyedHash, reporterOf: (source: string) => Reporter | Refusal): Draft {
  const event = readOrderEvent(value);
  if (!isOrderEvent(event))
    return {
      kind: 'refused',
      refusal: refusal('invalid', event.code, event.message.en, event.message.zh, event.field),
      line: lineNamed(value, hash, reporterOf),
    };
  const reporter = reporterOf(event.source);
  if ('refused' in reporter) return { kind: 'refused', refusal: reporter, line: null };
  return event.type === 'order.completed' ? completed(event, hash, reporter) : returned(event, hash, reporter);
}

function completed(event: OrderCompleted, hash: KeyedHash, reporter: Reporter): CompletedDraft | RefusedDraft {
  const placedMs = timeMs(event.placedAt);
  const completedMs = timeMs(event.completedAt);
  const key = lineKey(hash, event.source, event.order, event.line);
  const line = { source: event.source, key, date: reporter.dayOf(completedMs) };
  if (event.shipping + event.tax > event.paid)
    return refused(
      line,
      'shipping_and_tax_exceed_paid',
      'shipping',
      'shipping and tax are part of paid',
      '运费和税费应包含在实付金额内',
    );
  if (completedMs < placedMs)
    return refused(
      line,
      'completed_before_placed',
      'completedAt',
      'an order completes after it is placed',
      '完成时间早于下单时间',
    );
  const { merchant, item, quantity, paid, shipping, currency } = event;
  return {
    kind: 'completed',
    event,
    key,
    material: hash.digest64(
      `material\0${merchant}\0${item}\0${quantity}\0${paid}\0${shipping}\0${currency}\0${placedMs}`,
    ),
    placedMs,
    date: line.date,
  };
}

function returned(event: OrderReturned, hash: KeyedHash, reporter: Reporter): ReturnedDraft {
  return {
    kind: 'returned',
    event,
    key: hash.digest128(`return\0${event.source}\0${event.return}\0${event.order}\0${event.line}`),
    lineKey: lineKey(hash, event.source, event.order, event.line),
    material: hash.digest64(`material\0${event.merchant}\0${event.paid}`),
    date: reporter.dayOf(timeMs(event.returnedAt)),
  };
}

/** Ids hold no control characters, so NUL keeps the parts apart. */
export function lineKey(hash: KeyedHash, source: string, order: string, line: string): string {
  return hash.digest128(`line\0${source}\0${order}\0${line}`);
}

function refused(line: RefusedDraft['line'], code: string, field: string, en: string, zh: string): RefusedDraft {
  return { kind: 'refused', refusal: refusal('invalid', code, en, zh, field), line };
}

/** The order line that a wrong event names; its day is that of completedAt, or today. */
function lineNamed(
  value: unknown,
  hash: KeyedHash,
  reporterOf: (source: string) => Reporter | Refusal,
): RefusedDraft['line'] {
  if (typeof value !== 'object' || value === null) return null;
  const { type, source, order, line, completedAt } = value as Record<string, unknown>;
  if (type !== 'order.completed' || !isId(source) || !isId(order) || !isId(line)) return null;
  const reporter = reporterOf(source);
  if ('refused' in reporter) return null;
  const ms = typeof completedAt === 'string' ? timeMs(completedAt) : Number.NaN;
  return {
    source,
    key: lineKey(hash, source, order, line),
    date: reporter.dayOf(Number.isNaN(ms) ? Date.now() : ms),
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}
