/** One event of a batch: routes it, keeps count of it, says what became of it. */
import type { IgnoredReason } from '@rivulet/client/contract';
import type { Refusal } from '#base/refusal';
import type { Batch } from '#books/log';
import type { BatchRows } from './batch-rows.ts';
import type { Intake } from './intake.ts';
import type { CompletedDraft, Draft, RefusedDraft } from './lines/draft.ts';
import { makeGift } from './make-gift.ts';
import { type GiftOutcome, type GiftState, type Outcome, refused } from './state.ts';
import { takeReturn, takeWaitingReturns } from './take-return.ts';

export function takeEvent(intake: Intake, batch: Batch, rows: BatchRows, draft: Draft): Outcome {
  switch (draft.kind) {
    case 'refused':
      return takeRefused(rows, draft);
    case 'completed':
      return takeCompleted(intake, batch, rows, draft);
    case 'returned':
      return takeReturn(intake, batch, rows, draft);
  }
}

function takeRefused(rows: BatchRows, { refusal, line }: RefusedDraft): Outcome {
  if (line !== null && rows.giftAt(line.key) === undefined) countNoGift(rows, line, 'refused', refusal.code);
  return refused(refusal);
}

function takeCompleted(intake: Intake, batch: Batch, rows: BatchRows, draft: CompletedDraft): Outcome {
  const { source, key, date, decision } = draft;
  const isNew = rows.isNew(key);
  const before = isNew ? undefined : rows.giftAt(key);
  if (before !== undefined) {
    if (before.material !== draft.material) return refused(differs);
    rows.days.count(source, date, 'duplicate');
    return giftOutcome('duplicate', before);
  }
  if (decision === undefined) throw new TypeError('an event that was not prepared');
  if ('refusal' in decision) return noGift(intake, rows, draft, 'refused', decision.refusal.code, decision.refusal);
  if ('ignored' in decision) return noGift(intake, rows, draft, 'ignored', decision.ignored);
  // A clock that runs ahead of ours must not make a gift under terms that the log has not seen start.
  if (decision.terms.startsMs > batch.acceptedAt.getTime())
    return noGift(intake, rows, draft, 'ignored', 'not_started');
  const gift = makeGift(intake, batch, rows, draft, decision);
  if (gift === null) return noGift(intake, rows, draft, 'ignored', 'cap_reached');
  countGift(rows, draft, gift, isNew);
  batch.addLeaf(gift.index, rows.days.digest(source, date));
  takeWaitingReturns(intake, batch, rows, key);
  return gift;
}

function noGift(
  intake: Intake,
  rows: BatchRows,
  { source, key, date }: CompletedDraft,
  outcome: 'ignored' | 'refused',
  reason: string,
  refusal?: Refusal,
): Outcome {
  countNoGift(rows, { source, key, date }, outcome, reason);
  if (refusal !== undefined) return refused(refusal);
  takeWaitingReturns(intake, null, rows, key);
  return { outcome: 'ignored', reason: reason as IgnoredReason };
}

/** Counts a line that made no gift, once, however often it is sent; a line that changes its outcome changes its count. */
function countNoGift(
  rows: BatchRows,
  { source, key, date }: { source: string; key: string; date: string },
  outcome: 'ignored' | 'refused',
  reason: string,
): void {
  const before = rows.noGiftAt(key);
  if (before?.outcome === outcome && before.reason === reason && before.date === date) return;
  if (before) rows.days.count(source, before.date, before.outcome, before.reason, '', 0, -1);
  rows.days.count(source, date, outcome, reason);
  rows.noGift(key, { key, outcome, reason, date });
}

function forgetNoGift(rows: BatchRows, source: string, key: string): void {
  const before = rows.noGiftAt(key);
  if (!before) return;
  rows.days.count(source, before.date, before.outcome, before.reason, '', 0, -1);
  rows.noGift(key, null);
}

/** Counts a line that made a gift, which it may not have before. @param isNew nothing was known of the line */
export function countGift(
  rows: BatchRows,
  { source, key, date }: Pick<CompletedDraft, 'source' | 'key' | 'date'>,
  { given, terms }: Pick<GiftState, 'given' | 'terms'>,
  isNew = false,
): void {
  if (!isNew) forgetNoGift(rows, source, key);
  rows.days.count(source, date, 'created', '', terms.asset, given);
}

export function giftOutcome(
  outcome: 'created' | 'duplicate',
  { index, terms, given, moves }: Pick<GiftState, 'index' | 'terms' | 'given' | 'moves'>,
): GiftOutcome {
  return { outcome, index, terms, given, parts: terms.recipients.length === 1 ? null : moves };
}

const differs: Refusal = {
  refused: 'conflict',
  code: 'order_line_differs',
  field: 'line',
  message: {
    en: 'this order line was reported before with another merchant, item, quantity, paid, shipping, currency or placedAt',
    zh: '此订单行曾以不同的商家、商品、数量、金额、运费、币种或下单时间上报过',
  },
};
