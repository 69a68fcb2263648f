/** What is read for a batch before it is built: all that is already known of its events. */
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import { type Decision, decide } from './decide.ts';
import type { CompletedDraft, Draft, ReturnedDraft } from './draft.ts';
import type { Intake } from './intake.ts';
import type { GiftState } from './state.ts';
import * as store from './store.ts';

/** Gifts, returns and lines without a gift by their keys; what each new line would give; secrets of its buyers. */
export class Known {
  readonly gifts = new Map<string, GiftState>();
  readonly returns = new Map<string, store.ReturnRow>();
  readonly noGifts = new Map<string, store.NoGiftRow>();
  readonly waiting = new Map<string, store.WaitingReturnRow[]>();
  readonly decisions = new Map<CompletedDraft, Decision>();
  readonly secrets = new Map<string, string>();
  readonly #intake: Intake;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  async read(read: ClientBase, drafts: readonly Draft[]): Promise<void> {
    const { book, catalogue, ledger } = this.#intake;
    const completed = drafts.filter((draft): draft is CompletedDraft => draft.kind === 'completed');
    const returned = drafts.filter((draft): draft is ReturnedDraft => draft.kind === 'returned');
    const refused = drafts.flatMap((draft) => (draft.kind === 'refused' && draft.line !== null ? draft.line.key : []));
    const lines = [...completed.map(({ key }) => key), ...returned.map(({ lineKey }) => lineKey), ...refused];
    for (const row of await store.readNoGifts(read, book.bookId, lines)) this.noGifts.set(lines[row.at] as string, row);
    await this.#readGifts(read, lines, new Set(returned.map(({ lineKey }) => lineKey)));
    for (const draft of completed) if (!this.gifts.has(draft.key)) this.decisions.set(draft, decide(draft, catalogue));
    await this.#readReturns(read, returned);
    await this.#readWaiting(read, completed);
    await this.#readSecrets(read, completed);
    await ledger.loadAccounts(read, this.#accounts());
  }

  /** @param lowered lines that returns name: only these need what was returned of them before, and the secret of their seal */
  async #readGifts(read: ClientBase, lines: readonly string[], lowered: ReadonlySet<string>): Promise<void> {
    const { book, catalogue, ledger } = this.#intake;
    const rows = await store.readGifts(read, book.bookId, lines);
    if (rows.length === 0) return;
    const indices = [...new Set(rows.map(({ index }) => index))];
    const moves = Map.groupBy(await ledger.readMoves(read, indices), ({ index }) => index);
    const returning = rows.filter(({ at }) => lowered.has(lines[at] as string)).map(({ index }) => index);
    const sums = await store.readReturnSums(read, book.bookId, returning);
    const secrets = await store.readOpeningSecrets(read, book.bookId, returning);
    for (const row of rows) {
      const terms = catalogue.termsAt(book.bookId, row.terms);
      assert(terms !== undefined, `gift ${row.index} was made under terms ${row.terms}, which are not known`);
      const { paid: returnedPaid = 0, returned = 0 } = sums.get(row.index) ?? {};
      const opening = secrets.get(row.index) ?? null;
      const gift = { ...row, terms, moves: moves.get(row.index) ?? [], returnedPaid, returned, opening };
      this.gifts.set(lines[row.at] as string, gift);
    }
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

  async #readSecrets(read: ClientBase, completed: readonly CompletedDraft[]): Promise<void> {
    const missing = new Set<string>();
    for (const draft of completed) {
      const { source, buyer } = draft.event;
      const decision = this.decisions.get(draft);
      if (buyer === undefined || decision === undefined || !('terms' in decision)) continue;
      const person = this.#intake.personOf(source, buyer);
      decision.person = person;
      const secret = this.#intake.secretOf(person);
      if (secret === undefined) missing.add(person);
      else decision.secret = secret;
    }
    for (const [person, secret] of await store.readPersons(read, this.#intake.book.bookId, [...missing]))
      this.secrets.set(person, secret);
  }

  *#accounts(): Generator<number> {
    for (const decision of this.decisions.values()) {
      if (!('terms' in decision)) continue;
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
