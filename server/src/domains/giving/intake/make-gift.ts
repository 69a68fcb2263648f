/** Makes one gift: cuts it to the cap, splits it over the recipients, posts it, seals the order, appends the entry. */
import { splitGift } from '@rivulet/verifier';
import { newKey } from '#base/keyed-hash';
import { type Move, moveText } from '#books/ledger';
import type { Batch } from '#books/log';
import type { BatchRows } from './batch-rows.ts';
import type { Decision } from './decide.ts';
import type { CompletedDraft } from './draft.ts';
import type { Intake } from './intake.ts';
import { giftOpening, saltOf, sealOf } from './opening.ts';
import type { GiftState, Terms } from './state.ts';

/** Null when the pledge's cap is reached. */
export function makeGift(
  intake: Intake,
  batch: Batch,
  rows: BatchRows,
  draft: CompletedDraft,
  decision: Extract<Decision, { terms: Terms }>,
): GiftState | null {
  const { terms, price, person = null } = decision;
  const given = withinCap(rows, terms, decision.amount);
  if (given === 0) return null;
  const before = rows.given.get(terms) ?? terms.running.given;
  const index = batch.nextIndex();
  const moves = post(intake, batch, terms, index, split(terms, before, given));
  rows.given.set(terms, before + given);

  const secret = decision.secret ?? (person === null ? newKey() : personSecret(intake, rows, person));
  const text = giftOpening(draft.event);
  const seal = sealOf(saltOf(secret, `${intake.book.book}-${index}`), text);
  const items = moves.map(moveText).join();
  intake.ledger
    .posting(batch)
    .append(`{"kind":"giving.gift","move":[${items}],"seal":"${seal}","terms":${terms.index}}`);

  const { material, key, event } = draft;
  const opening = { person, secret };
  const gift = { index, terms, given, price, paid: event.paid, material, moves, returnedPaid: 0, returned: 0, opening };
  rows.gift(key, gift);
  rows.opening(index, person, secret, text);
  rows.totals.give(terms.asset, given);
  for (const move of moves) rows.totals.giveTo(recipientAt(terms, move), terms.asset, move.amount);
  return gift;
}

/** A cap counts gross over all versions of the pledge; the last gift is cut to what is left. */
function withinCap(rows: BatchRows, terms: Terms, amount: number): number {
  const gross = rows.gross.get(terms.pledgeRunning) ?? terms.pledgeRunning.gross;
  const given = terms.cap === null ? amount : Math.min(amount, Math.max(0, terms.cap - gross));
  if (given > 0) rows.gross.set(terms.pledgeRunning, gross + given);
  return given;
}

/** What each recipient gets, in recipient order: the pledge's running total decides, so small gifts come out right in the long run. */
function split(terms: Terms, before: number, given: number): number[] {
  if (terms.recipients.length === 1) return [given];
  const weights = terms.recipients.map(({ weight }) => BigInt(weight));
  return splitGift(weights, BigInt(before), BigInt(given)).map(Number);
}

function post(intake: Intake, batch: Batch, terms: Terms, index: number, parts: readonly number[]): Move[] {
  const posting = intake.ledger.posting(batch);
  const moves: Move[] = [];
  terms.recipients.forEach(({ account }, i) => {
    const amount = parts[i] ?? 0;
    if (amount > 0) moves.push(posting.move(index, moves.length, terms.fromAccount, account, amount));
  });
  return moves;
}

function personSecret(intake: Intake, rows: BatchRows, person: string): string {
  let secret = intake.secretOf(person) ?? rows.persons.get(person);
  if (secret === undefined) {
    secret = newKey();
    rows.persons.set(person, secret);
  }
  return secret;
}

function recipientAt(terms: Terms, move: Move): string {
  return terms.recipients.find(({ account }) => account === move.to)?.publicId ?? '';
}
