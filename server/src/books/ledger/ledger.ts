/** A book's ledger in memory: totals of the accounts that were needed so far, and all queues of waiting returns. */
import type { ClientBase } from 'pg';
import type { Batch, Family } from '#books/log';
import type { AccountRules, Move, Totals, Waiting } from './positions.ts';
import { type Base, Posting } from './posting.ts';
import * as store from './store.ts';

export class Ledger implements Base, Family {
  readonly name = 'ledger';
  readonly bookId: number;
  lastAccount = 0;
  readonly #rules = new Map<number, AccountRules>();
  readonly #totals = new Map<number, Totals>();
  readonly #waiting = new Map<number, readonly Waiting[]>();
  readonly #names = new Map<string, number>();
  readonly #scales = new Map<string, number>();

  constructor(bookId: number) {
    this.bookId = bookId;
  }

  async load(read: ClientBase): Promise<void> {
    for (const map of [this.#rules, this.#totals, this.#waiting, this.#names, this.#scales]) map.clear();
    this.lastAccount = await store.readLastAccount(read, this.bookId);
    for (const { asset, scale } of await store.readAssets(read, this.bookId)) this.#scales.set(asset, scale);
    const waiting = Map.groupBy(await store.readWaiting(read, this.bookId), ({ account }) => account);
    for (const [account, queue] of waiting) this.#waiting.set(account, queue);
  }

  /** Brings accounts into memory so that a posting may touch them. Unknown numbers are passed over. */
  async loadAccounts(read: ClientBase, accounts: Iterable<number>): Promise<void> {
    const missing = [...new Set(accounts)].filter((account) => !this.#totals.has(account));
    if (missing.length === 0) return;
    for (const row of await store.readAccounts(read, this.bookId, missing)) this.#know(row);
    for (const { account, in: came, out } of await store.readTotals(read, this.bookId, missing))
      this.#totals.set(account, { in: came, out });
  }

  /** Brings accounts into memory by name, of any asset; a name without an account may then be opened. */
  async loadNames(read: ClientBase, names: Iterable<string>): Promise<void> {
    const rows = await store.readAccountsByName(read, this.bookId, [...new Set(names)]);
    await this.loadAccounts(
      read,
      rows.map(({ account }) => account),
    );
  }

  /** All accounts whose name begins with `prefix`, without bringing them into memory. */
  readAccountsBelow(read: ClientBase, prefix: string): Promise<store.AccountRow[]> {
    return store.readAccountsBelow(read, this.bookId, prefix);
  }

  /** Moves of entries, with what is declared of each, as committed. */
  readMoves(read: ClientBase, indices: number[]): Promise<Move[]> {
    return store.readMoves(read, this.bookId, indices);
  }

  /** This batch's posting, made at first use. */
  posting(batch: Batch): Posting {
    return batch.part(this, () => new Posting(this, batch));
  }

  rules(account: number): AccountRules | undefined {
    return this.#rules.get(account);
  }

  totals(account: number): Totals | undefined {
    return this.#totals.get(account);
  }

  waiting(account: number): readonly Waiting[] | undefined {
    return this.#waiting.get(account);
  }

  accountNamed(asset: string, name: string): number | undefined {
    return this.#names.get(`${asset} ${name}`);
  }

  hasAsset(asset: string): boolean {
    return this.#scales.has(asset);
  }

  absorb(posting: Posting): void {
    for (const opened of posting.opened) this.#know(opened);
    this.lastAccount += posting.opened.length;
    for (const asset of posting.assets) this.#scales.set(asset, 0);
    for (const [account, totals] of posting.positions.touched()) this.#totals.set(account, totals);
    for (const [account, queue] of posting.positions.queues)
      if (queue.length > 0) this.#waiting.set(account, queue);
      else this.#waiting.delete(account);
  }

  #know({ account, asset, name, isSource }: store.AccountRow): void {
    this.#rules.set(account, { asset, isSource });
    this.#names.set(`${asset} ${name}`, account);
    if (!this.#totals.has(account)) this.#totals.set(account, { in: 0, out: 0 });
  }
}
