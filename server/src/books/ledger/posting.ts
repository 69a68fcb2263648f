/** One batch's part of the ledger: what it opens, moves, declares and settles, written by COPY in the batch's transaction. */
import { canonical } from '@rivulet/verifier';
import { assert } from '#base/assert';
import { BinaryRows } from '#base/bytes/binary-rows';
import type { ByteText } from '#base/bytes/byte-text';
import type { Batch } from '#books/log';
import { type AccountRules, type Back, type Below, type Move, Positions } from './positions.ts';
import { AccountRows, MoveColumns, ReversalRows } from './rows.ts';
import * as store from './store.ts';

/** What the posting reads of its ledger, and tells it when the batch is built. */
export interface Base extends Below {
  accountNamed(asset: string, name: string): number | undefined;
  hasAsset(asset: string): boolean;
  readonly lastAccount: number;
  absorb(posting: Posting): void;
}

interface NewAccount extends AccountRules {
  readonly account: number;
  readonly name: string;
}

export class Posting {
  readonly positions: Positions;
  readonly opened: NewAccount[] = [];
  readonly assets: string[] = [];
  readonly #batch: Batch;
  readonly #base: Base;
  readonly #accounts = new AccountRows();
  readonly #moves = new MoveColumns();
  readonly #reversals = new ReversalRows();
  readonly #declarations = new BinaryRows(256);
  readonly #inflows = new Set<number>();
  readonly #openedNames = new Map<string, number>();

  constructor(base: Base, batch: Batch) {
    this.#base = base;
    this.#batch = batch;
    this.positions = new Positions({
      rules: (account) => base.rules(account) ?? this.opened[account - base.lastAccount - 1],
      totals: (account) => base.totals(account) ?? (account > base.lastAccount ? { in: 0, out: 0 } : undefined),
      waiting: (account) => base.waiting(account),
    });
    batch.copy(store.targets.accounts, () => this.#accounts.rows);
    batch.copy(store.targets.moves, () => this.#moves.packed(batch.bookId));
    batch.copy(store.targets.reversals, () => this.#reversals.rows);
    batch.copy(store.targets.postings, () => this.#postings());
    batch.copy(store.targets.declarations, () => this.#declarations);
    batch.statement(() => store.replaceWaiting(batch.bookId, this.positions.queues));
    batch.built(() => base.absorb(this));
  }

  /** Says an asset in the book if it is not there. @param scale decimal places of the major unit */
  asset(asset: string, scale: number): void {
    if (this.#base.hasAsset(asset) || this.assets.includes(asset)) return;
    const index = this.#batch.append(canonical({ kind: 'ledger.asset', asset, scale }));
    this.assets.push(asset);
    this.#batch.write((tx) => store.insertAsset(tx, this.#batch.bookId, asset, scale, index));
  }

  /** The account of that name, opened if there is none. Names must have been prepared (`ledger.loadNames`). */
  account(asset: string, name: string, isSource = false): number {
    const known = this.#base.accountNamed(asset, name) ?? this.#openedNames.get(`${asset} ${name}`);
    if (known !== undefined) return known;
    assert(this.#base.hasAsset(asset) || this.assets.includes(asset), `asset ${asset} is not in the book`);
    const account = this.#base.lastAccount + this.opened.length + 1;
    const said = { kind: 'ledger.account', account, asset, name, ...(isSource ? { source: true } : {}) };
    const index = this.#batch.append(canonical(said));
    const opened = { account, asset, name, isSource };
    this.opened.push(opened);
    this.#openedNames.set(`${asset} ${name}`, account);
    this.#accounts.add(this.#batch.bookId, index, opened);
    return account;
  }

  /** Moves units in entry `index`; parts count from 0 within the entry. The caller appends the entry that says it with `append`. */
  move(index: number, part: number, from: number, to: number, amount: number): Move {
    const move = this.positions.move(index, part, from, to, amount);
    this.#inflows.add(to);
    this.#moves.add(index, part, from, to, amount, move.fromPos, move.toPos);
    return move;
  }

  /** The moves that this batch made in an entry, as they were before any return. */
  movesOf(index: number): Move[] {
    return this.#moves.of(index);
  }

  /** Declares returns in entry `index`, of moves in order, and settles what can be settled at once. `parts` are places in the entry's `declare`. */
  takeBack(index: number, returns: readonly { move: Move; amount: number }[]): Back[] {
    const accounts = new Set<number>();
    returns.forEach(({ move, amount }, part) => {
      this.positions.declare(index, part, move, amount);
      accounts.add(move.to);
      const rows = this.#declarations;
      rows.row(7);
      rows.int4(this.#batch.bookId);
      rows.int8(index);
      rows.int2(part);
      rows.int8(move.index);
      rows.int2(move.part);
      rows.int4(move.to);
      rows.int8(amount);
    });
    return this.#settle(index, 0, accounts);
  }

  /** Appends an entry that moves units, and right behind it a `ledger.settle` if its inflows settle what waited. Returns its index. */
  append(entry: string | ByteText): number {
    const index = this.#batch.append(entry);
    const backs: Back[] = [];
    while (this.#inflows.size > 0) {
      const accounts = [...this.#inflows];
      this.#inflows.clear();
      backs.push(...this.#settle(this.#batch.nextIndex(), backs.length, accounts));
    }
    if (backs.length > 0) this.#batch.append(canonical({ kind: 'ledger.settle', back: backs.map(backItem) }));
    return index;
  }

  #settle(index: number, firstPart: number, accounts: Iterable<number>): Back[] {
    const backs: Back[] = [];
    for (const account of accounts) backs.push(...this.positions.settle(account));
    backs.forEach((back, i) => {
      this.#inflows.add(back.to);
      this.#reversals.add(this.#batch.bookId, index, firstPart + i, back);
    });
    return backs;
  }

  #postings(): BinaryRows {
    const { bookId, first, size } = this.#batch;
    const rows = new BinaryRows();
    for (const [account, totals] of this.positions.touched()) {
      rows.row(5);
      rows.int4(bookId);
      rows.int4(account);
      rows.int8(first + size);
      rows.int8(totals.in);
      rows.int8(totals.out);
    }
    return rows;
  }
}

/** A reversal as docs/formats/entries.md writes it. */
export function backItem(back: Back): number[] {
  return [back.from, back.to, back.amount, back.fromPos, back.toPos, back.ofIndex, back.ofPart, back.unit];
}

/** Adds a move as docs/formats/entries.md writes it. */
export function writeMove({ from, to, amount, fromPos, toPos }: Move, into: ByteText): void {
  into.byte(0x5b).digits(from).byte(0x2c).digits(to).byte(0x2c).digits(amount);
  into.byte(0x2c).digits(fromPos).byte(0x2c).digits(toPos).byte(0x5d);
}
