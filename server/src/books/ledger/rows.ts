/** A batch's transfers on their way into the database: moves as columns, packed up to 256 in a row; accounts and reversals, which are few, a row each. */
import { BinaryRows } from '#base/bytes/binary-rows';
import { runsOf } from '#base/bytes/runs';
import type { Back, Move } from './positions.ts';
import type { AccountRow } from './store.ts';

export class MoveColumns {
  readonly #index: number[] = [];
  readonly #part: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #amount: number[] = [];
  readonly #fromPos: number[] = [];
  readonly #toPos: number[] = [];

  /** In log order. */
  add(index: number, part: number, from: number, to: number, amount: number, fromPos: number, toPos: number): void {
    this.#index.push(index);
    this.#part.push(part);
    this.#from.push(from);
    this.#to.push(to);
    this.#amount.push(amount);
    this.#fromPos.push(fromPos);
    this.#toPos.push(toPos);
  }

  /** The moves of one entry, as they were added. */
  of(index: number): Move[] {
    const moves: Move[] = [];
    for (let at = this.#firstOf(index); this.#index[at] === index; at++)
      moves.push({
        index,
        part: this.#part[at] as number,
        from: this.#from[at] as number,
        to: this.#to[at] as number,
        amount: this.#amount[at] as number,
        fromPos: this.#fromPos[at] as number,
        toPos: this.#toPos[at] as number,
        declared: 0,
      });
    return moves;
  }

  #firstOf(index: number): number {
    let [low, high] = [0, this.#index.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#index[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  packed(bookId: number): BinaryRows {
    const rows = new BinaryRows();
    for (const [from, to] of runsOf(this.#index)) {
      const first = this.#index[from] as number;
      rows.row(10);
      rows.int4(bookId);
      rows.int8(first);
      rows.int8((this.#index[to - 1] as number) + 1);
      rows.int2s(this.#index, from, to, first);
      rows.int2s(this.#part, from, to);
      rows.int4s(this.#from, from, to);
      rows.int4s(this.#to, from, to);
      rows.int8s(this.#amount, from, to);
      rows.int8s(this.#fromPos, from, to);
      rows.int8s(this.#toPos, from, to);
    }
    return rows;
  }
}

export class AccountRows {
  readonly rows = new BinaryRows(256);

  add(bookId: number, index: number, { account, asset, name, isSource }: AccountRow): void {
    const { rows } = this;
    rows.row(6);
    rows.int4(bookId);
    rows.int4(account);
    rows.text(asset);
    rows.text(name);
    rows.boolean(isSource);
    rows.int8(index);
  }
}

export class ReversalRows {
  readonly rows = new BinaryRows(256);

  add(bookId: number, index: number, part: number, back: Back): void {
    const { rows } = this;
    rows.row(11);
    rows.int4(bookId);
    rows.int8(index);
    rows.int8(back.fromPos);
    rows.int8(back.toPos);
    rows.int8(back.amount);
    rows.int8(back.ofIndex);
    rows.int8(back.unit);
    rows.int4(back.from);
    rows.int4(back.to);
    rows.int2(part);
    rows.int2(back.ofPart);
  }
}
