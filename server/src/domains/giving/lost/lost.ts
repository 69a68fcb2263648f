/**
 * What a rescue brought back and nobody's key is known of, while a book's lost window is open: it makes no new gift then, only finds those that
 * were made. Like all state of the writer it is read again after any failure.
 */
import type { ClientBase } from 'pg';
import type { Ledger, Move } from '#books/ledger';
import { type Batch, closeWindow, openWindows } from '#books/log';
import type { Catalogue, Terms } from '../intake/state.ts';
import * as store from './store.ts';

/** Moves read at once at the start. */
const page = 5_000;

export interface FoundGift extends store.LostGift {
  readonly moves: readonly Move[];
}

export class Lost {
  readonly bookId: number;
  /** Events completed later cannot be of the window. */
  rescuedMs = 0;
  #windows: number[] = [];
  readonly #gifts = new Map<number, store.LostGift>();
  /** By `<terms> <given>`: indices in log order. */
  readonly #alike = new Map<string, Set<number>>();
  readonly #returns = new Map<number, store.LostReturn>();
  /** By gift: indices in log order. */
  readonly #returnsOf = new Map<number, Set<number>>();
  readonly #moves = new Map<number, Move[]>();
  /** The gift that came last of each pledge whose cap is reached: it alone may have been cut. */
  readonly #cut = new Map<{ gross: number }, number>();

  constructor(bookId: number) {
    this.bookId = bookId;
  }

  async load(read: ClientBase, ledger: Ledger, catalogue: Catalogue): Promise<void> {
    for (const map of [this.#gifts, this.#alike, this.#returns, this.#returnsOf, this.#moves, this.#cut]) map.clear();
    const windows = await openWindows(read, this.bookId);
    this.#windows = windows.map(({ from }) => from);
    this.rescuedMs = Math.max(0, ...windows.map(({ rescuedAt }) => rescuedAt.getTime()));
    if (!this.isOpen) return;
    for (const gift of await store.readLostGifts(read, this.bookId)) {
      this.#gifts.set(gift.index, gift);
      put(this.#alike, `${gift.terms} ${gift.given}`, gift.index);
      const terms = catalogue.termsAt(this.bookId, gift.terms);
      if (terms?.cap != null && terms.pledgeRunning.gross >= terms.cap) this.#cut.set(terms.pledgeRunning, gift.index);
    }
    for (const lost of await store.readLostReturns(read, this.bookId)) {
      this.#returns.set(lost.index, lost);
      put(this.#returnsOf, lost.gift, lost.index);
    }
    const indices = [...this.#gifts.keys()];
    for (let at = 0; at < indices.length; at += page) {
      const moves = await ledger.readMoves(read, indices.slice(at, at + page));
      for (const [index, own] of Map.groupBy(moves, (move) => move.index)) this.#moves.set(index, own);
    }
  }

  /** While it is, the book's intake makes nothing new. */
  get isOpen(): boolean {
    return this.#windows.length > 0;
  }

  get count(): { gifts: number; returns: number } {
    return { gifts: this.#gifts.size, returns: this.#returns.size };
  }

  /** Gifts in log order that a line of `amount` under these terms may have made. */
  *giftsOf(terms: Terms, amount: number): Generator<FoundGift> {
    for (const index of this.#alike.get(`${terms.index} ${amount}`) ?? []) yield this.#gift(index);
    const cut = this.#gifts.get(this.#cut.get(terms.pledgeRunning) ?? -1);
    if (cut !== undefined && cut.terms === terms.index && cut.given < amount) yield this.#gift(cut.index);
  }

  /** Returns of a gift that took just so much back, in log order. */
  *returnsOf(gift: number, returned: number): Generator<store.LostReturn> {
    for (const index of this.#returnsOf.get(gift) ?? []) {
      const lost = this.#returns.get(index) as store.LostReturn;
      if (lost.returned === returned) yield lost;
    }
  }

  /** Taken back of a gift by returns that are not found yet. */
  returnedOf(gift: number): number {
    let sum = 0;
    for (const index of this.#returnsOf.get(gift) ?? []) sum += this.#returns.get(index)?.returned ?? 0;
    return sum;
  }

  hasReturnsOf(gift: number): boolean {
    return this.#returnsOf.has(gift);
  }

  /** Its owner is found: the batch writes the gift's own row. */
  foundGift(batch: Batch, { index, terms, given }: FoundGift): void {
    this.#gifts.delete(index);
    take(this.#alike, `${terms} ${given}`, index);
    this.#found(batch).gifts.push(index);
  }

  foundReturn(batch: Batch, { index, gift }: store.LostReturn): void {
    this.#returns.delete(index);
    take(this.#returnsOf, gift, index);
    this.#found(batch).returns.push(index);
  }

  /** Opens the intake once everything is found. The windows close in the transaction that writes the last of it. */
  closeWhenDone(batch: Batch): void {
    if (!this.isOpen || this.#gifts.size > 0 || this.#returns.size > 0) return;
    const windows = this.#windows;
    this.#windows = [];
    batch.write(async (tx) => {
      for (const from of windows) await closeWindow(tx, batch.bookId, from);
    });
  }

  #gift(index: number): FoundGift {
    return { ...(this.#gifts.get(index) as store.LostGift), moves: this.#moves.get(index) ?? [] };
  }

  #found(batch: Batch): { gifts: number[]; returns: number[] } {
    return batch.part(this, () => {
      const found = { gifts: [] as number[], returns: [] as number[] };
      batch.write((tx) => store.deleteLost(tx, batch.bookId, found.gifts, found.returns));
      return found;
    });
  }
}

function put<K>(sets: Map<K, Set<number>>, key: K, index: number): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([index]));
  else set.add(index);
}

function take<K>(sets: Map<K, Set<number>>, key: K, index: number): void {
  const set = sets.get(key);
  set?.delete(index);
  if (set?.size === 0) sets.delete(key);
}
