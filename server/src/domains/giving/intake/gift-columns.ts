/** The gifts that a batch makes, as columns: a batch has tens of thousands, and an object for each would live until it is durable. */
import { BinaryRows } from '#base/bytes/binary-rows';
import { runsOf } from '#base/bytes/runs';
import type { Move } from '#books/ledger';
import type { GiftState, Terms } from './state.ts';

export class GiftColumns {
  readonly #index: number[] = [];
  readonly #terms: Terms[] = [];
  readonly #termsIndex: number[] = [];
  readonly #given: number[] = [];
  readonly #price: number[] = [];
  readonly #paid: number[] = [];
  readonly #material: string[] = [];
  readonly #persons: (string | null)[] = [];
  readonly #secrets: (string | null)[] = [];
  /** By line key: the place in the columns. */
  readonly #places = new Map<string, number>();

  /** In log order. `opening` null: nothing is kept of it. */
  add(key: string, gift: Omit<GiftState, 'moves'>): void {
    this.#places.set(key, this.#index.length);
    this.#index.push(gift.index);
    this.#terms.push(gift.terms);
    this.#termsIndex.push(gift.terms.index);
    this.#given.push(gift.given);
    this.#price.push(gift.price);
    this.#paid.push(gift.paid);
    this.#material.push(gift.material);
    this.#persons.push(gift.opening?.person ?? null);
    this.#secrets.push(gift.opening?.secret ?? null);
  }

  get(key: string, movesOf: (index: number) => readonly Move[]): GiftState | undefined {
    const at = this.#places.get(key);
    if (at === undefined) return undefined;
    const index = this.#index[at] as number;
    const secret = this.#secrets[at] ?? null;
    return {
      index,
      terms: this.#terms[at] as Terms,
      given: this.#given[at] as number,
      price: this.#price[at] as number,
      paid: this.#paid[at] as number,
      material: this.#material[at] as string,
      moves: movesOf(index),
      returnedPaid: 0,
      returned: 0,
      opening: secret === null ? null : { person: this.#persons[at] ?? null, secret },
    };
  }

  /** Rows of giving.gift_key. */
  keys(bookId: number): BinaryRows {
    const rows = new BinaryRows();
    for (const [key, at] of this.#places) {
      rows.row(3);
      rows.int8(this.#index[at] as number);
      rows.int4(bookId);
      rows.binary(key);
    }
    return rows;
  }

  /** Rows of giving.gift_run. @param aloneBelow entries below this are written one by one: their neighbours may come later */
  packed(bookId: number, aloneBelow: number): BinaryRows {
    const rows = new BinaryRows();
    for (const [from, to] of runsOf(this.#index, aloneBelow)) {
      const first = this.#index[from] as number;
      rows.row(9);
      rows.int4(bookId);
      rows.int8(first);
      rows.int8((this.#index[to - 1] as number) + 1);
      rows.int2s(this.#index, from, to, first);
      rows.int8s(this.#termsIndex, from, to);
      rows.int8s(this.#given, from, to);
      rows.int8s(this.#price, from, to);
      if (this.#isPricePaid(from, to)) rows.null();
      else rows.int8s(this.#paid, from, to);
      rows.binary8s(this.#material, from, to);
    }
    return rows;
  }

  #isPricePaid(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (this.#price[at] !== this.#paid[at]) return false;
    return true;
  }
}
