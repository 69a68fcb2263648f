/** Makes one gift: cuts it to the cap, splits it over the recipients, posts it, seals the order, appends the entry. */
import { splitGift } from '@rivulet/verifier';
import { ByteText } from '#base/bytes/byte-text';
import { newKey } from '#base/bytes/keyed-hash';
import { type Move, type Posting, writeMove } from '#books/ledger';
import type { Batch } from '#books/log';
import type { BatchRows } from './batch-rows.ts';
import type { Decision } from './decide.ts';
import type { Intake } from './intake.ts';
import type { CompletedDraft } from './lines/draft.ts';
import { giftOpening } from './opening.ts';
import type { Person } from './people.ts';
import { type GiftOutcome, recipientOf, type Terms } from './state.ts';

/** Null when the pledge's cap is reached. */
export function makeGift(
  intake: Intake,
  batch: Batch,
  rows: BatchRows,
  { line, key, material }: CompletedDraft,
  decision: Extract<Decision, { terms: Terms }>,
): GiftOutcome | null {
  const { terms, price } = decision;
  const given = withinCap(rows, terms, decision.amount);
  if (given === 0) return null;
  const before = rows.given.get(terms) ?? terms.running.given;
  const index = batch.nextIndex();
  const moves = post(rows.posting, terms, index, split(terms, before, given));
  rows.given.set(terms, before + given);

  const person = decision.person?.id ?? null;
  const secret = decision.person === null ? newKey() : secretOf(decision.person, rows);
  const opening = giftOpening(line);
  const seal = opening.seal(secret, intake.book.book, index);
  rows.opening(index, person, secret, opening.text);
  rows.posting.append(giftEntry(moves, seal, terms.index));

  const paid = line.amount('paid');
  rows.gift(key, {
    index,
    terms,
    given,
    price,
    paid,
    material,
    returnedPaid: 0,
    returned: 0,
    opening: { person, secret },
  });
  rows.totals.give(terms.asset, given);
  for (const move of moves) rows.totals.giveTo(recipientOf({ terms }, move.to), terms.asset, move.amount);
  return { outcome: 'created', index, terms, given, parts: terms.recipients.length === 1 ? null : moves };
}

const entry = new ByteText();

/** Canonical JSON of a `giving.gift`; good until the next. */
function giftEntry(moves: readonly Move[], seal: string, terms: number): ByteText {
  entry.clear().ascii('{"kind":"giving.gift","move":[');
  moves.forEach((move, i) => {
    if (i > 0) entry.byte(0x2c);
    writeMove(move, entry);
  });
  return entry.ascii('],"seal":"').ascii(seal).ascii('","terms":').digits(terms).byte(0x7d);
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

function post(posting: Posting, terms: Terms, index: number, parts: readonly number[]): Move[] {
  const moves: Move[] = [];
  terms.recipients.forEach(({ account }, i) => {
    const amount = parts[i] ?? 0;
    if (amount > 0) moves.push(posting.move(index, moves.length, terms.fromAccount, account, amount));
  });
  return moves;
}

/** A person's secret is made with the first gift, and written with it. */
function secretOf(person: Person, rows: BatchRows): string {
  if (person.secret === null) {
    person.secret = newKey();
    rows.person(person.id, person.secret);
  }
  return person.secret;
}
