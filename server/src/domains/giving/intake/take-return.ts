/** Takes a return in: lowers its gift in proportion, or lets it wait for an order that has not come yet. */

import { readOrderEvent } from '@rivulet/client/contract';
import { apportion, canonical, keptAfterReturns, returnedPrice } from '@rivulet/verifier';
import { newKey } from '#base/bytes/keyed-hash';
import { refusal } from '#base/refusal';
import { backItem } from '#books/ledger';
import type { Batch } from '#books/log';
import type { BatchRows } from './batch-rows.ts';
import type { Intake } from './intake.ts';
import { draftEvent, type ReturnedDraft } from './lines/draft.ts';
import { returnOpening } from './opening.ts';
import { type GiftState, type Outcome, recipientOf, refused } from './state.ts';
import type { ReturnRow } from './store.ts';

export function takeReturn(intake: Intake, batch: Batch, rows: BatchRows, draft: ReturnedDraft): Outcome {
  const { event, key, lineKey, date } = draft;
  const gift = rows.giftAt(lineKey);
  const before = rows.returnAt(key);
  if (before !== undefined) {
    if (before.material !== draft.material || gift === undefined) return refused(returnDiffers);
    rows.days.count(event.source, date, 'duplicate');
    return returnResult('duplicate', intake, gift, before);
  }
  if (gift !== undefined) return lower(intake, batch, rows, draft, gift);
  const noGift = rows.noGiftAt(lineKey);
  if (noGift?.outcome === 'ignored') return { outcome: 'ignored', reason: 'no_gift' };
  // One that was dropped with its line, earlier in this batch, waits no longer.
  const waiting = rows.waiting.get(key)?.material ?? (rows.arrived.has(key) ? undefined : intake.waitingMaterial(key));
  if (waiting !== undefined)
    return waiting === draft.material ? { outcome: 'duplicate', waiting: true } : refused(returnDiffers);
  if (!intake.canWait) return refused(tooManyWait);
  rows.wait({ key, lineKey, source: event.source, event, material: draft.material });
  return { outcome: 'created', waiting: true };
}

/**
 * Applies returns that waited for the order line with this key, now that it is here. Without a batch the line made no gift and they are
 * dropped: there is nothing to take back.
 */
export function takeWaitingReturns(intake: Intake, batch: Batch | null, rows: BatchRows, lineKey: string): void {
  for (const waiting of rows.waitingFor(lineKey)) {
    rows.waiting.delete(waiting.key);
    rows.arrived.add(waiting.key);
    if (batch === null) continue;
    const event = readOrderEvent(waiting.event);
    const source = 'source' in event ? intake.catalogue.source(event.source) : undefined;
    if (source === undefined) continue;
    const draft = draftEvent(event, intake.hash, () => source);
    if (draft.kind === 'returned') takeReturn(intake, batch, rows, draft);
  }
}

function lower(intake: Intake, batch: Batch, rows: BatchRows, draft: ReturnedDraft, gift: GiftState): Outcome {
  const { event, key, date, material } = draft;
  const problem = objection(draft, gift);
  if (problem !== null) {
    rows.days.count(event.source, date, 'refused', problem.code);
    return refused(problem);
  }
  rows.lowered.set(draft.lineKey, gift);
  gift.returnedPaid += event.paid;
  const amount = gift.given - gift.returned - keptOf(gift);
  const index = amount > 0 ? post(intake, batch, rows, draft, gift, amount) : null;
  const row = { at: 0, gift: gift.index, index, returned: amount, material };
  rows.taken(key, row, event.paid);
  rows.days.count(event.source, date, 'returned', '', gift.terms.asset, amount);
  if (index !== null) batch.addLeaf(index, rows.days.digest(event.source, date));
  return returnResult('created', intake, gift, row);
}

function keptOf({ given, price, paid, returnedPaid }: GiftState): number {
  const returned = returnedPrice(BigInt(price), BigInt(paid), BigInt(returnedPaid));
  return Number(keptAfterReturns(BigInt(given), BigInt(price), returned));
}

function objection({ event }: ReturnedDraft, gift: GiftState) {
  if (event.merchant !== gift.terms.merchant) return merchantDiffers;
  if (gift.returnedPaid + event.paid > gift.paid) return exceedsPaid;
  return null;
}

/** Declares the return on the gift's moves, settles what can be settled, appends the entry. Returns its index. */
function post(
  intake: Intake,
  batch: Batch,
  rows: BatchRows,
  { event }: ReturnedDraft,
  gift: GiftState,
  amount: number,
): number {
  const weights = gift.moves.map((move) => BigInt(move.amount));
  const taken = apportion(BigInt(gift.returned + amount), weights);
  const returns = gift.moves
    .map((move, i) => ({ move, amount: Number(taken[i] ?? 0n) - move.declared }))
    .filter((part) => part.amount > 0);
  const index = batch.nextIndex();
  const posting = intake.ledger.posting(batch);
  const back = posting.takeBack(index, returns).map(backItem);
  const declare = returns.map((part) => [gift.index, part.move.part, part.amount]);
  posting.append(
    canonical({
      ...(back.length > 0 ? { back } : {}),
      declare,
      gift: gift.index,
      kind: 'giving.return',
      seal: sealReturn(intake, rows, index, event, gift),
    }),
  );
  gift.returned += amount;
  rows.totals.takeBack(gift.terms.asset, amount);
  for (const part of returns) rows.totals.takeBackFrom(recipientOf(gift, part.move.to), gift.terms.asset, part.amount);
  return index;
}

/** A return of an erased buyer is sealed with a key that is thrown away: nothing of the order is kept again. */
function sealReturn(
  intake: Intake,
  rows: BatchRows,
  index: number,
  event: ReturnedDraft['event'],
  { opening: known }: GiftState,
): string {
  const opening = returnOpening(event);
  const { person, secret } = known ?? { person: null, secret: newKey() };
  if (known !== null) rows.opening(index, person, secret, opening.text);
  return opening.seal(secret, intake.book.book, index);
}

export function returnResult(
  outcome: 'created' | 'duplicate',
  intake: Intake,
  gift: GiftState,
  row: ReturnRow,
): Outcome {
  return {
    outcome,
    gift: `${intake.book.book}-${gift.index}`,
    index: row.index,
    returnedMinor: String(row.returned),
    keptMinor: String(gift.given - gift.returned),
  };
}

const merchantDiffers = refusal(
  'conflict',
  'merchant_differs',
  'the order line is of another merchant',
  '此订单行属于另一商家',
  'merchant',
);
const exceedsPaid = refusal(
  'conflict',
  'return_exceeds_paid',
  'returns would exceed what was paid',
  '退款合计超过实付金额',
  'paid',
);
const tooManyWait = refusal(
  'exhausted',
  'too_many_returns_wait',
  'too many returns wait for their order',
  '等待订单的退款过多',
  'return',
);
const returnDiffers = refusal(
  'conflict',
  'return_differs',
  'this return was reported before with another merchant or amount',
  '此退款曾以不同的商家或金额上报过',
  'return',
);
