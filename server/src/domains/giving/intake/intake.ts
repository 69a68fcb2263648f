/** A book's intake: reads for a batch of events what is already known of them, and holds what is needed again and again. */
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import type { KeyedHash } from '#base/keyed-hash';
import type { Ledger } from '#books/ledger';
import type { Batch, BookRow, Family, Work } from '#books/log';
import { RunningTotals } from '../totals/running-totals.ts';
import { BatchRows } from './batch-rows.ts';
import { type Decision, decide } from './decide.ts';
import type { CompletedDraft, Draft, ReturnedDraft } from './draft.ts';
import type { GiftCodes } from './gift-code.ts';
import type { Catalogue, GiftState, Outcome } from './state.ts';
import * as store from './store.ts';
import { takeEvent } from './take-event.ts';

/** Returns that wait for their order, over the whole book. */
const maxWaiting = 1_000_000;
const maxPersonsCached = 400_000;

/** What was read for one batch. */
export interface Known {
  readonly gifts: Map<string, GiftState>;
  readonly returns: Map<string, store.ReturnRow>;
  readonly noGifts: Map<string, store.NoGiftRow>;
  readonly waiting: Map<string, store.WaitingReturnRow[]>;
  readonly decisions: Map<CompletedDraft, Decision>;
}

export class Intake implements Family {
  readonly name = 'giving.intake';
  readonly book: BookRow;
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly hash: KeyedHash;
  readonly codes: GiftCodes;
  readonly totals = new RunningTotals();
  known: Known = nothingKnown();
  #persons = new Map<string, string>();
  /** Return key to line key, of all returns that wait. */
  readonly #waiting = new Map<string, string>();
  readonly #waitingLines = new Map<string, number>();

  constructor(book: BookRow, ledger: Ledger, catalogue: Catalogue, hash: KeyedHash, codes: GiftCodes) {
    this.book = book;
    this.ledger = ledger;
    this.catalogue = catalogue;
    this.hash = hash;
    this.codes = codes;
  }

  async load(read: ClientBase): Promise<void> {
    this.#persons.clear();
    this.#waiting.clear();
    this.#waitingLines.clear();
    await this.totals.load(read, this.book.bookId);
    for (const { key, lineKey } of await store.readWaitingKeys(read, this.book.bookId)) this.#wait(key, lineKey);
  }

  /** Work that takes these events in. Its result has one line an event, same order. */
  work(drafts: readonly Draft[]): OrdersWork {
    return new OrdersWork(this, drafts);
  }

  async prepare(works: readonly Work[], read: ClientBase): Promise<void> {
    const drafts = works.flatMap((work) => (work instanceof OrdersWork ? work.drafts : []));
    const completed = drafts.filter((draft): draft is CompletedDraft => draft.kind === 'completed');
    const returned = drafts.filter((draft): draft is ReturnedDraft => draft.kind === 'returned');
    const refused = drafts.flatMap((draft) => (draft.kind === 'refused' && draft.line !== null ? draft.line.key : []));
    const lines = [...completed.map(({ key }) => key), ...returned.map(({ lineKey }) => lineKey), ...refused];
    const bookId = this.book.bookId;
    const known = nothingKnown();
    this.known = known;
    for (const row of await store.readNoGifts(read, bookId, lines)) known.noGifts.set(lines[row.at] as string, row);
    await this.#readGifts(read, lines);
    for (const draft of completed)
      if (!known.gifts.has(draft.key)) known.decisions.set(draft, decide(draft, this.catalogue));
    await this.#readReturns(read, returned);
    await this.#readWaiting(read, completed);
    await this.#readPersons(read, completed);
    await this.ledger.loadAccounts(read, accountsOf(known));
  }

  /** This batch's rows, made at first use. State in memory advances when the batch is durable. */
  rows(batch: Batch): BatchRows {
    return batch.part(this, () => {
      const rows = new BatchRows(batch, this.totals.change());
      batch.committed(() => this.#advance(rows));
      return rows;
    });
  }

  personOf(source: string, buyer: string): string {
    return this.hash.digest128(`buyer\0${source}\0${buyer}`);
  }

  secretOf(person: string): string | undefined {
    return this.#persons.get(person);
  }

  forgetPerson(person: string): void {
    this.#persons.delete(person);
  }

  forgetWaiting(keys: readonly string[]): void {
    for (const key of keys) this.#arrive(key);
  }

  get canWait(): boolean {
    return this.#waiting.size < maxWaiting;
  }

  isWaiting(key: string): boolean {
    return this.#waiting.has(key);
  }

  #advance(rows: BatchRows): void {
    for (const [terms, given] of rows.given) terms.running.given = given;
    for (const [pledge, gross] of rows.gross) pledge.gross = gross;
    if (this.#persons.size > maxPersonsCached) this.#persons = new Map();
    for (const [person, secret] of rows.persons) this.#persons.set(person, secret);
    for (const key of rows.arrived) this.#arrive(key);
    for (const { key, lineKey } of rows.waiting.values()) this.#wait(key, lineKey);
    rows.totals.commit();
  }

  #wait(key: string, lineKey: string): void {
    this.#waiting.set(key, lineKey);
    this.#waitingLines.set(lineKey, (this.#waitingLines.get(lineKey) ?? 0) + 1);
  }

  #arrive(key: string): void {
    const lineKey = this.#waiting.get(key);
    if (lineKey === undefined) return;
    this.#waiting.delete(key);
    const left = (this.#waitingLines.get(lineKey) ?? 1) - 1;
    if (left === 0) this.#waitingLines.delete(lineKey);
    else this.#waitingLines.set(lineKey, left);
  }

  async #readGifts(read: ClientBase, lines: readonly string[]): Promise<void> {
    const rows = await store.readGifts(read, this.book.bookId, lines);
    if (rows.length === 0) return;
    const indices = [...new Set(rows.map(({ index }) => index))];
    const moves = Map.groupBy(await this.ledger.readMoves(read, indices), ({ index }) => index);
    const sums = await store.readReturnSums(read, this.book.bookId, indices);
    const secrets = await store.readOpeningSecrets(read, this.book.bookId, indices);
    for (const row of rows) {
      const terms = this.catalogue.termsAt(this.book.bookId, row.terms);
      assert(terms !== undefined, `gift ${row.index} was made under terms ${row.terms}, which are not known`);
      const { paid: returnedPaid = 0, returned = 0 } = sums.get(row.index) ?? {};
      const opening = secrets.get(row.index) ?? null;
      const gift = { ...row, terms, moves: moves.get(row.index) ?? [], returnedPaid, returned, opening };
      this.known.gifts.set(lines[row.at] as string, gift);
    }
  }

  async #readReturns(read: ClientBase, returned: readonly ReturnedDraft[]): Promise<void> {
    const keys = returned.map(({ key }) => key);
    for (const row of await store.readReturns(read, this.book.bookId, keys))
      this.known.returns.set(keys[row.at] as string, row);
  }

  async #readWaiting(read: ClientBase, completed: readonly CompletedDraft[]): Promise<void> {
    if (this.#waiting.size === 0) return;
    const awaited = completed.map(({ key }) => key).filter((key) => this.#waitingLines.has(key));
    for (const row of await store.readWaitingReturns(read, this.book.bookId, [...new Set(awaited)])) {
      const others = this.known.waiting.get(row.lineKey) ?? [];
      this.known.waiting.set(row.lineKey, [...others, row]);
    }
  }

  async #readPersons(read: ClientBase, completed: readonly CompletedDraft[]): Promise<void> {
    const missing = new Set<string>();
    for (const draft of completed) {
      const { source, buyer } = draft.event;
      const decision = this.known.decisions.get(draft);
      if (buyer === undefined || decision === undefined || !('terms' in decision)) continue;
      const person = this.personOf(source, buyer);
      decision.person = person;
      if (!this.#persons.has(person)) missing.add(person);
    }
    for (const [person, secret] of await store.readPersons(read, this.book.bookId, [...missing]))
      this.#persons.set(person, secret);
  }
}

export class OrdersWork implements Work<Outcome[]> {
  readonly family: Intake;
  readonly drafts: readonly Draft[];

  constructor(intake: Intake, drafts: readonly Draft[]) {
    this.family = intake;
    this.drafts = drafts;
  }

  get size(): number {
    return this.drafts.length;
  }

  build(batch: Batch): Outcome[] {
    const rows = this.family.rows(batch);
    const results = this.drafts.map((draft) => takeEvent(this.family, batch, rows, draft));
    this.#addCodes(results);
    return results;
  }

  #addCodes(results: Outcome[]): void {
    const made = results.filter((result) => 'code' in result);
    const codes = this.family.codes.encode(
      this.family.book.bookId,
      made.map(({ index }) => index),
    );
    made.forEach((result, i) => {
      result.code = codes[i] as string;
    });
  }
}

function nothingKnown(): Known {
  return { gifts: new Map(), returns: new Map(), noGifts: new Map(), waiting: new Map(), decisions: new Map() };
}

function* accountsOf(known: Known): Generator<number> {
  for (const decision of known.decisions.values()) {
    if (!('terms' in decision)) continue;
    yield decision.terms.fromAccount;
    for (const { account } of decision.terms.recipients) yield account;
  }
  for (const { moves } of known.gifts.values())
    for (const { from, to } of moves) {
      yield from;
      yield to;
    }
}
