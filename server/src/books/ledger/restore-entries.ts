/**
 * The ledger's rows from the log's entries, for `rivulet book rescue`: entries that move units carry every position, so nothing is decided here
 * again. Whether the rows follow from one another is for `auditLedger` and a replay to say, in the same transaction.
 */
import { type Entry, parseEntry, type Replay } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { copyRows } from '#base/bytes/copy-rows';
import { type Finding, findingOf } from '#base/finding';
import { AccountRows, MoveColumns, ReversalRows } from './rows.ts';
import * as store from './store.ts';

/** An entry as it was read again, with its index. */
export interface ReadEntry {
  readonly index: number;
  readonly entry: Entry;
  readonly bytes: Uint8Array;
}

/** @param first index of the first of these entries @throws Failure for an entry that breaks its schema */
export function readEntries(first: number, entries: readonly Uint8Array[]): ReadEntry[] {
  return entries.map((bytes, i) => ({ index: first + i, entry: parseEntry(bytes), bytes }));
}

/** Writes the rows of these entries, which end at `next`; called in log order, none left out. `settleRestored` follows the last. */
export async function restoreLedger(
  tx: ClientBase,
  bookId: number,
  next: number,
  entries: readonly ReadEntry[],
): Promise<void> {
  const rows = new RestoredRows(bookId);
  for (const { index, entry } of entries) {
    if (entry.kind === 'ledger.asset') await store.insertAsset(tx, bookId, entry.asset, entry.scale, index);
    rows.add(index, entry);
  }
  await rows.write(tx, next);
}

/** Works out again which declared units wait, from declarations and reversals. */
export async function settleRestored(tx: ClientBase, bookId: number): Promise<void> {
  await store.rebuildWaiting(tx, bookId);
}

/** @param replay of all entries that the database has of this book */
export async function accountsAgree(read: ClientBase, bookId: number, replay: Replay): Promise<Finding> {
  const accounts = replay.accounts();
  const numbers = accounts.map(({ account }) => account);
  const known = new Map((await store.readAccounts(read, bookId, numbers)).map((row) => [row.account, row]));
  const totals = new Map((await store.readTotals(read, bookId, numbers)).map((row) => [row.account, row]));
  const differ = accounts.filter(({ account, asset, name, source, in: came, out }) => {
    const [row, has] = [known.get(account), totals.get(account)];
    return (
      row?.name !== name ||
      row.asset !== asset ||
      row.isSource !== source ||
      (has?.in ?? 0) !== came ||
      (has?.out ?? 0) !== out
    );
  });
  const more = (await store.readLastAccount(read, bookId)) - accounts.length;
  const missing = more === 0 ? [] : [{ account: accounts.length + 1 }];
  return findingOf('ledger: accounts are those that the log replays to', [...differ, ...missing], accounts.length);
}

class RestoredRows {
  readonly #bookId: number;
  readonly #accounts = new AccountRows();
  readonly #moves = new MoveColumns();
  readonly #reversals = new ReversalRows();
  readonly #declarations: store.RestoredDeclaration[] = [];
  /** Of the accounts touched: a transfer's position and amount together are its account's total after it. */
  readonly #in = new Map<number, number>();
  readonly #out = new Map<number, number>();

  constructor(bookId: number) {
    this.#bookId = bookId;
  }

  add(index: number, entry: Entry): void {
    if (entry.kind === 'ledger.account')
      this.#accounts.add(this.#bookId, index, { ...entry, isSource: entry.source === true });
    const moves = 'move' in entry ? entry.move : [];
    const backs = ('back' in entry ? entry.back : undefined) ?? [];
    moves.forEach(([from, to, minor, fromPos, toPos], part) => {
      this.#moves.add(index, part, from, to, minor, fromPos, toPos);
      this.#total(from, to, minor, fromPos, toPos);
    });
    backs.forEach(([from, to, amount, fromPos, toPos, ofIndex, ofPart, unit], i) => {
      const back = { from, to, amount, fromPos, toPos, ofIndex, ofPart, unit };
      this.#reversals.add(this.#bookId, index, moves.length + i, back);
      this.#total(from, to, amount, fromPos, toPos);
    });
    if (!('declare' in entry)) return;
    entry.declare.forEach(([ofIndex, ofPart, amount], part) => {
      this.#declarations.push({ index, part, ofIndex, ofPart, amount });
    });
  }

  /** Transfers first: a declaration is written with the account of its move. */
  async write(tx: ClientBase, next: number): Promise<void> {
    await copyRows(tx, [
      { target: store.targets.accounts, rows: this.#accounts.rows },
      { target: store.targets.moves, rows: this.#moves.packed(this.#bookId) },
      { target: store.targets.reversals, rows: this.#reversals.rows },
    ]);
    await store.insertRestoredDeclarations(tx, this.#bookId, this.#declarations);
    const accounts = [...new Set([...this.#in.keys(), ...this.#out.keys()])];
    const totals = accounts.map((account) => ({
      account,
      in: this.#in.get(account) ?? null,
      out: this.#out.get(account) ?? null,
    }));
    await store.insertRestoredPostings(tx, this.#bookId, next, totals);
  }

  #total(from: number, to: number, amount: number, fromPos: number, toPos: number): void {
    this.#out.set(from, fromPos + amount);
    this.#in.set(to, toPos + amount);
  }
}
