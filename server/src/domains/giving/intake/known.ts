/** What is read for a batch before it is built: all that is already known of its events. */
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import { readOpenings } from '../openings/openings.ts';
import { readSecrets } from '../openings/store.ts';
import { decide } from './decide.ts';
import type { Intake } from './intake.ts';
import type { CompletedDraft, Draft, ReturnedDraft } from './lines/draft.ts';
import type { Person } from './people.ts';
import type { GiftState, Terms } from './state.ts';
import * as store from './store.ts';

/** Gifts, returns and lines without a gift by their keys; what each new line would give. */
export class Known {
  readonly gifts = new Map<string, GiftState>();
  readonly returns = new Map<string, store.ReturnRow>();
  readonly noGifts = new Map<string, store.NoGiftRow>();
  readonly waiting = new Map<string, store.WaitingReturnRow[]>();
  readonly #intake: Intake;
  /** Buyers whose secret is not in memory, by their id. */
  readonly #strangers = new Map<string, Person>();

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  async read(read: ClientBase, drafts: readonly Draft[]): Promise<void> {
    const { book, catalogue, ledger } = this.#intake;
    const completed = drafts.filter((draft): draft is CompletedDraft => draft.kind === 'completed');
    const returned = drafts.filter((draft): draft is ReturnedDraft => draft.kind === 'returned');
    const refused = drafts.flatMap((draft) => (draft.kind === 'refused' && draft.line !== null ? draft.line.key : []));
    const named = [...completed.map(({ key }) => key), ...returned.map(({ lineKey }) => lineKey), ...refused];
    const lines = named.filter((key) => this.#intake.seen.has(key));
    for (const row of await store.readNoGifts(read, book.bookId, lines)) this.noGifts.set(lines[row.at] as string, row);
    await this.#readGifts(read, lines, new Set(returned.map(({ lineKey }) => lineKey)));
    for (const draft of completed) {
      const decision = this.gifts.has(draft.key) ? undefined : decide(draft, catalogue, this.#intake.people);
      draft.decision = decision;
      if (decision !== undefined && 'terms' in decision && decision.person !== null) this.#see(decision.person);
    }
    await this.#readReturns(read, returned);
    await this.#readWaiting(read, completed);
    await this.#readSecrets(read);
    await ledger.loadAccounts(read, this.#accounts(completed));
  }

  /**
   * Moves are read where an answer or a return needs them: of gifts that are returned, or split.
   * @param lowered lines that returns name: only these need what was returned of them before, and the secret of their seal
   */
  async #readGifts(read: ClientBase, lines: readonly string[], lowered: ReadonlySet<string>): Promise<void> {
    const { book, ledger } = this.#intake;
    const rows = await store.readGifts(read, book.bookId, lines);
    if (rows.length === 0) return;
    const returning = rows.filter(({ at }) => lowered.has(lines[at] as string)).map(({ index }) => index);
    const moving = rows.filter(({ terms }) => this.#termsAt(terms).recipients.length > 1).map(({ index }) => index);
    const indices = [...new Set([...returning, ...moving])];
    const moves = Map.groupBy(await ledger.readMoves(read, indices), ({ index }) => index);
    const sums = await store.readReturnSums(read, book.bookId, returning);
    const openings = await readOpenings(read, book.bookId, returning, this.#intake.personOf);
    for (const row of rows) {
      const terms = this.#termsAt(row.terms);
      const { paid: returnedPaid = 0, returned = 0 } = sums.get(row.index) ?? {};
      const opening = openings.get(row.index) ?? null;
      const gift = { ...row, terms, moves: moves.get(row.index) ?? [], returnedPaid, returned, opening };
      this.gifts.set(lines[row.at] as string, gift);
    }
  }

  #termsAt(index: number): Terms {
    const { catalogue, book } = this.#intake;
    const terms = catalogue.termsAt(book.bookId, index);
    assert(terms !== undefined, `a gift was made under terms ${index}, which are not known`);
    return terms;
  }

  async #readReturns(read: ClientBase, returned: readonly ReturnedDraft[]): Promise<void> {
    const keys = returned.map(({ key }) => key);
    for (const row of await store.readReturns(read, this.#intake.book.bookId, keys))
      this.returns.set(keys[row.at] as string, row);
  }

  async #readWaiting(read: ClientBase, completed: readonly CompletedDraft[]): Promise<void> {
    const awaited = completed.map(({ key }) => key).filter((key) => this.#intake.isAwaited(key));
    for (const row of await store.readWaitingReturns(read, this.#intake.book.bookId, [...new Set(awaited)])) {
      const others = this.waiting.get(row.lineKey) ?? [];
      this.waiting.set(row.lineKey, [...others, row]);
    }
  }

  #see(person: Person): void {
    if (person.secret === null && this.#intake.seen.has(person.id)) this.#strangers.set(person.id, person);
  }

  async #readSecrets(read: ClientBase): Promise<void> {
    const secrets = await readSecrets(read, this.#intake.book.bookId, [...this.#strangers.keys()]);
    for (const [id, secret] of secrets) (this.#strangers.get(id) as Person).secret = secret;
  }

  *#accounts(completed: readonly CompletedDraft[]): Generator<number> {
    for (const { decision } of completed) {
      if (decision === undefined || !('terms' in decision) || this.#intake.ready.has(decision.terms)) continue;
      this.#intake.ready.add(decision.terms);
      yield decision.terms.fromAccount;
      for (const { account } of decision.terms.recipients) yield account;
    }
    for (const { moves } of this.gifts.values())
      for (const { from, to } of moves) {
        yield from;
        yield to;
      }
  }
}
