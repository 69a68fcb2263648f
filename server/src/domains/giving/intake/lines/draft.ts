/** An event made ready for the book: read, keyed, dated. Needs no state, so it is done while the batch before is being written. */
import { idPattern, isOrderEvent, type OrderReturned, readOrderEvent, timeMs } from '@rivulet/client/contract';
import type { KeyedHash } from '#base/bytes/keyed-hash';
import { type Refusal, refusal } from '#base/refusal';
import type { Decision } from '../decide.ts';
import { EventLine, type OrderLine } from './order-line.ts';
import { PlainLine } from './plain-lines.ts';

export interface CompletedDraft {
  readonly kind: 'completed';
  readonly line: OrderLine;
  readonly source: string;
  /** HMAC-128 of (source, order, line), a binary string. */
  readonly key: string;
  /** HMAC-64 of what may not differ when the event is sent again, a binary string. */
  readonly material: string;
  /** Day of completedAt in the source's zone. */
  readonly date: string;
  /** What it would give, worked out when its batch is prepared; absent when its gift is there already. */
  decision: Decision | undefined;
}

export interface ReturnedDraft {
  readonly kind: 'returned';
  readonly event: OrderReturned;
  /** HMAC-128 of (source, return, order, line). */
  readonly key: string;
  /** The key of the order line that it returns. */
  readonly lineKey: string;
  readonly material: string;
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

export type ReporterOf = (source: string) => Reporter | Refusal;

/**
 * @param value a line that was read already, or anything that JSON can say
 * @param reporterOf the source when this caller may report for it and it lives in this book, else why not
 */
export function draftEvent(value: unknown, hash: KeyedHash, reporterOf: ReporterOf): Draft {
  if (value instanceof PlainLine) return draftLine(value, value.text('source'), hash, reporterOf);
  const event = readOrderEvent(value);
  if (!isOrderEvent(event))
    return {
      kind: 'refused',
      refusal: refusal('invalid', event.code, event.message.en, event.message.zh, event.field),
      line: lineNamed(value, hash, reporterOf),
    };
  if (event.type === 'order.completed') {
    const line = new EventLine(event, timeMs(event.placedAt), timeMs(event.completedAt));
    return draftLine(line, event.source, hash, reporterOf);
  }
  const reporter = reporterOf(event.source);
  if ('refused' in reporter) return { kind: 'refused', refusal: reporter, line: null };
  return returned(event, hash, reporter);
}

function draftLine(
  line: OrderLine,
  named: string,
  hash: KeyedHash,
  reporterOf: ReporterOf,
): CompletedDraft | RefusedDraft {
  const reporter = reporterOf(named);
  if ('refused' in reporter) return { kind: 'refused', refusal: reporter, line: null };
  const { source } = reporter;
  const key = keyOf(line, hash);
  const date = reporter.dayOf(line.completedMs);
  if (line.amount('shipping') + line.amount('tax') > line.amount('paid'))
    return refused(
      { source, key, date },
      'shipping_and_tax_exceed_paid',
      'shipping',
      'shipping and tax are part of paid',
      '运费和税费应包含在实付金额内',
    );
  if (line.completedMs < line.placedMs)
    return refused(
      { source, key, date },
      'completed_before_placed',
      'completedAt',
      'an order completes after it is placed',
      '完成时间早于下单时间',
    );
  return { kind: 'completed', line, source, key, material: materialOf(line, hash), date, decision: undefined };
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

/** HMAC-128 that names an order line for ever. Ids hold no control characters, so NUL keeps the parts apart. */
export function lineKey(hash: KeyedHash, source: string, order: string, line: string): string {
  return hash.digest128(`line\0${source}\0${order}\0${line}`);
}

/** `lineKey` of a line, without a text of it. */
function keyOf(line: OrderLine, hash: KeyedHash): string {
  const message = hash.begin().ascii('line\0');
  line.write('source', message);
  line.write('order', message.byte(0));
  line.write('line', message.byte(0));
  return hash.end().slice(0, 16);
}

function materialOf(line: OrderLine, hash: KeyedHash): string {
  const message = hash.begin().ascii('material\0');
  line.write('merchant', message);
  line.write('item', message.byte(0));
  message.byte(0).digits(line.amount('quantity')).byte(0).digits(line.amount('paid'));
  message.byte(0).digits(line.amount('shipping'));
  line.write('currency', message.byte(0));
  message.byte(0).digits(line.placedMs);
  return hash.end().slice(0, 8);
}

function refused(line: RefusedDraft['line'], code: string, field: string, en: string, zh: string): RefusedDraft {
  return { kind: 'refused', refusal: refusal('invalid', code, en, zh, field), line };
}

/** The order line that a wrong event names; its day is that of completedAt, or today. */
function lineNamed(value: unknown, hash: KeyedHash, reporterOf: ReporterOf): RefusedDraft['line'] {
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
