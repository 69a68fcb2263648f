/**
 * Finds, while a lost window is open, the gift or return that each event sent again had made. An event whose seal verifies is matched exactly and
 * gets its opening back. Where the salt is lost no seal can be checked: the event gets a gift of the same terms and the same amount, in log order,
 * and no opening, since it may be another one's. Either way each gift goes to one order line and each line to one gift, so nothing is given twice;
 * what finds nothing waits, and is judged like any event once everything was found.
 */
import { keptAfterReturns, returnedPrice } from '@rivulet/verifier';
import type { Batch } from '#books/log';
import type { BatchRows } from '../intake/batch-rows.ts';
import type { Intake } from '../intake/intake.ts';
import { type CompletedDraft, type Draft, draftEvent, type ReturnedDraft } from '../intake/lines/draft.ts';
import { giftOpening, type OpeningText, returnOpening } from '../intake/opening.ts';
import type { GiftState, Outcome } from '../intake/state.ts';
import { countGift, giftOutcome, takeEvent } from '../intake/take-event.ts';
import { returnResult } from '../intake/take-return.ts';
import type { FoundGift } from './lost.ts';

/** Seals tried a request, a second's work: beyond that lines are matched by terms and amount. */
const mostTries = 300_000;

/** One outcome an event, same order; `waits` for what cannot be answered yet. */
export function matchEvents(intake: Intake, batch: Batch, rows: BatchRows, drafts: readonly Draft[]): Outcome[] {
  const match = new Match(intake, batch, rows, drafts);
  const outcomes = new Array<Outcome>(drafts.length).fill({ outcome: 'waits' });
  let left = [...drafts.keys()];
  const go = (effort: Effort) => {
    const before = left.length;
    left = left.filter((at) => {
      const outcome = match.take(drafts[at] as Draft, effort);
      if (outcome !== null) outcomes[at] = outcome;
      return outcome === null;
    });
    return left.length < before;
  };
  // What is certain comes first, so that nothing that is only alike takes its gift; a return may have to wait for another one of this request.
  go('exact');
  go('by its returns');
  while (go('alike') || go('nothing taken back'));
  intake.lost.closeWhenDone(batch);
  return outcomes;
}

type Effort = 'exact' | 'by its returns' | 'alike' | 'nothing taken back';

class Match {
  readonly #intake: Intake;
  readonly #batch: Batch;
  readonly #rows: BatchRows;
  /** By line key: what the returns of this request say was paid back. */
  readonly #paidBack = new Map<string, number>();
  #tries = 0;

  constructor(intake: Intake, batch: Batch, rows: BatchRows, drafts: readonly Draft[]) {
    this.#intake = intake;
    this.#batch = batch;
    this.#rows = rows;
    const seen = new Set<string>();
    for (const draft of drafts) {
      if (draft.kind !== 'returned' || seen.has(draft.key)) continue;
      seen.add(draft.key);
      this.#paidBack.set(draft.lineKey, (this.#paidBack.get(draft.lineKey) ?? 0) + draft.event.paid);
    }
  }

  /** Null when it must wait. */
  take(draft: Draft, effort: Effort): Outcome | null {
    if (draft.kind === 'returned') {
      if (this.#rows.returnAt(draft.key) !== undefined) return takeEvent(this.#intake, this.#batch, this.#rows, draft);
      return this.#takeReturn(draft, effort);
    }
    const known = draft.kind === 'refused' || this.#rows.giftAt(draft.key) !== undefined;
    if (known) return takeEvent(this.#intake, this.#batch, this.#rows, draft);
    return this.#takeCompleted(draft, effort);
  }

  #takeCompleted(draft: CompletedDraft, effort: Effort): Outcome | null {
    const { decision, line, material } = draft;
    if (decision === undefined || !('terms' in decision) || effort === 'nothing taken back') return null;
    const { terms, price, amount, person } = decision;
    const secret = person?.secret ?? null;
    const candidates = () => this.#intake.lost.giftsOf(terms, amount);
    const exact =
      effort === 'exact' && secret !== null ? this.#sealed(candidates(), secret, giftOpening(line)) : undefined;
    const found =
      exact ??
      (line.completedMs <= this.#intake.lost.rescuedMs ? this.#alike(candidates(), draft, price, effort) : undefined);
    if (found === undefined) return null;
    this.#intake.lost.foundGift(this.#batch, found);
    const opening = exact !== undefined && person !== null && secret !== null ? { person: person.id, secret } : null;
    const { index, given, moves } = found;
    const gift = {
      index,
      terms,
      given,
      price,
      paid: line.amount('paid'),
      material,
      moves,
      returnedPaid: 0,
      returned: 0,
      opening,
    };
    this.#write(draft, gift, found);
    return giftOutcome('duplicate', gift);
  }

  /** A line whose returns are here too gets a gift of which just so much was taken back; then the others take what comes first. */
  #alike(
    candidates: Iterable<FoundGift>,
    { key, line }: CompletedDraft,
    price: number,
    effort: Effort,
  ): FoundGift | undefined {
    if (effort === 'alike') return first(candidates);
    const waiting = this.#rows.waitingFor(key).map((row) => (row.event as { paid: number }).paid);
    const paidBack = waiting.reduce((sum, paid) => sum + paid, this.#paidBack.get(key) ?? 0);
    if (effort !== 'by its returns' || paidBack === 0 || paidBack > line.amount('paid')) return undefined;
    for (const found of candidates) {
      const gift = { given: found.given, price, paid: line.amount('paid'), returnedPaid: 0 };
      if (this.#intake.lost.returnedOf(found.index) === found.given - keptOf(gift, paidBack)) return found;
    }
    return undefined;
  }

  #write(draft: CompletedDraft, gift: GiftState, { leaf }: FoundGift): void {
    const { opening, index } = gift;
    this.#rows.gift(draft.key, gift);
    if (opening !== null) this.#rows.opening(index, opening.person, opening.secret, giftOpening(draft.line).text);
    const { source: name, date } = draft;
    countGift(this.#rows, draft, gift);
    this.#rows.days.digest(name, date).add(Buffer.from(leaf, 'latin1'), 0);
    for (const waiting of this.#rows.waitingFor(draft.key)) {
      const source = this.#intake.catalogue.source(name);
      const returned = source && draftEvent(waiting.event, this.#intake.hash, () => source);
      if (returned?.kind !== 'returned') continue;
      const taken = this.#takeReturn(returned, 'exact') ?? this.#takeReturn(returned, 'alike');
      if (taken === null) continue;
      this.#rows.waiting.delete(waiting.key);
      this.#rows.arrived.add(waiting.key);
    }
  }

  #takeReturn(draft: ReturnedDraft, effort: Effort): Outcome | null {
    const { event, key, lineKey, date, material } = draft;
    const gift = this.#rows.giftAt(lineKey);
    if (gift === undefined || event.merchant !== gift.terms.merchant) return null;
    if (gift.returnedPaid + event.paid > gift.paid) return null;
    const returned = gift.given - gift.returned - keptOf(gift, event.paid);
    const found = returned === 0 ? null : this.#returnFor(gift, draft, returned, effort);
    if (found === undefined) return null;
    // A return too small to take anything back left no entry. It may be one that came between others, so they go first.
    if (
      found === null &&
      (!this.#mayBeLost(event.returnedAt) || (this.#isOwed(gift) && effort !== 'nothing taken back'))
    )
      return null;
    this.#rows.lowered.set(lineKey, gift);
    gift.returnedPaid += event.paid;
    gift.returned += returned;
    const row = { at: 0, gift: gift.index, index: found?.index ?? null, returned, material };
    this.#rows.taken(key, row, event.paid);
    this.#rows.days.count(event.source, date, 'returned', '', gift.terms.asset, returned);
    if (found !== null) {
      this.#intake.lost.foundReturn(this.#batch, found);
      this.#rows.days.digest(event.source, date).add(Buffer.from(found.leaf, 'latin1'), 0);
    }
    return returnResult('duplicate', this.#intake, gift, row);
  }

  /** With its opening, when its seal says so. */
  #returnFor(gift: GiftState, { event }: ReturnedDraft, returned: number, effort: Effort) {
    const candidates = () => this.#intake.lost.returnsOf(gift.index, returned);
    const { opening } = gift;
    if (effort === 'exact' && opening !== null) {
      const text = returnOpening(event);
      const sealed = this.#sealed(candidates(), opening.secret, text);
      if (sealed !== undefined) this.#rows.opening(sealed.index, opening.person, opening.secret, text.text);
      return sealed;
    }
    return effort === 'alike' && this.#mayBeLost(event.returnedAt) ? first(candidates()) : undefined;
  }

  #isOwed({ index }: GiftState): boolean {
    return this.#intake.lost.hasReturnsOf(index);
  }

  #sealed<T extends { index: number; seal: string }>(
    candidates: Iterable<T>,
    secret: string,
    opening: OpeningText,
  ): T | undefined {
    const { book } = this.#intake.book;
    for (const lost of candidates) {
      if (++this.#tries > mostTries) return undefined;
      if (opening.seal(secret, book, lost.index) === lost.seal) return lost;
    }
    return undefined;
  }

  #mayBeLost(time: string): boolean {
    return Date.parse(time) <= this.#intake.lost.rescuedMs;
  }
}

function keptOf(
  { given, price, paid, returnedPaid }: Pick<GiftState, 'given' | 'price' | 'paid' | 'returnedPaid'>,
  more: number,
): number {
  const returned = returnedPrice(BigInt(price), BigInt(paid), BigInt(returnedPaid + more));
  return Number(keptAfterReturns(BigInt(given), BigInt(price), returned));
}

function first<T>(some: Iterable<T>): T | undefined {
  for (const one of some) return one;
  return undefined;
}
