/**
 * The giving rows that the log can give back, for `rivulet book rescue`: public totals, names, pledges' versions, and of each gift and return
 * what is public. Whose they are is in no log: they wait in giving.lost_gift and giving.lost_return.
 */
import type { GivingGift, GivingReturn, GivingTerms } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { assert } from '#base/assert';
import { sha256 } from '#base/bytes/sha256';
import type { Ledger, ReadEntry } from '#books/ledger';
import { RunningTotals, type TotalsChange } from '../totals/running-totals.ts';
import * as store from './store.ts';

export class GivingRestore {
  /** Merchants and versions of pledges whose own ids were lost with the database. */
  unknown = 0;
  gifts = 0;
  returns = 0;
  readonly #ledger: Ledger;
  readonly #totals = new RunningTotals();
  #loaded = false;
  /** Asset and recipient of the pledge accounts; read again once there are more. */
  #accounts: Map<number, Part> | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** In log order, none left out; after the ledger's rows of the same entries, in the same transaction. */
  async restore(tx: ClientBase, next: number, entries: readonly ReadEntry[]): Promise<void> {
    if (!this.#loaded) await this.#totals.load(tx, this.#ledger.bookId);
    this.#loaded = true;
    if (entries.some(({ entry }) => entry.kind === 'ledger.account')) this.#accounts = null;
    for (const said of entries) await this.#register(tx, said);
    const change = this.#totals.change();
    await this.#giveBack(tx, entries, change);
    await change.flush(tx, this.#ledger.bookId, next);
    change.commit();
  }

  async #register(tx: ClientBase, { index, entry }: ReadEntry): Promise<void> {
    const { bookId } = this.#ledger;
    if (entry.kind === 'giving.source') await store.restoreSource(tx, bookId, entry, index);
    if (entry.kind === 'giving.recipient') await store.restoreRecipient(tx, bookId, entry, index);
    if (entry.kind === 'giving.merchant')
      this.unknown += (await store.restoreMerchant(tx, bookId, entry, index)) ? 0 : 1;
    if (entry.kind === 'giving.terms')
      this.unknown += (await store.restoreTerms(tx, bookId, entry, index, await this.#recipientsOf(tx, entry))) ? 0 : 1;
  }

  async #recipientsOf(tx: ClientBase, { recipients }: GivingTerms): Promise<string[]> {
    const parts = await this.#pledgeAccounts(tx);
    return recipients.map(([account]) => parts.get(account)?.recipient ?? '');
  }

  async #giveBack(tx: ClientBase, entries: readonly ReadEntry[], change: TotalsChange): Promise<void> {
    const gifts = entries.flatMap((said) =>
      said.entry.kind === 'giving.gift' ? [{ ...said, entry: said.entry }] : [],
    );
    const returns = entries.flatMap((said) =>
      said.entry.kind === 'giving.return' ? [{ ...said, entry: said.entry }] : [],
    );
    const touched = [...gifts.map(({ index }) => index), ...returns.map(({ entry }) => entry.gift)];
    if (touched.length === 0) return;
    const parts = await this.#partsOf(tx, touched);
    const lostGifts = gifts.map(({ index, entry, bytes }) => lostGift(index, entry, bytes, parts, change));
    const lostReturns = returns.map(({ index, entry, bytes }) => lostReturn(index, entry, bytes, parts, change));
    await store.insertLostGifts(tx, this.#ledger.bookId, lostGifts);
    await store.insertLostReturns(tx, this.#ledger.bookId, lostReturns);
    this.gifts += gifts.length;
    this.returns += returns.length;
  }

  /** Asset and recipient of each move of these gifts, by `<index>.<part>`. */
  async #partsOf(tx: ClientBase, gifts: readonly number[]): Promise<Map<string, Part>> {
    const byNumber = await this.#pledgeAccounts(tx);
    const parts = new Map<string, Part>();
    for (const { index, part, to } of await this.#ledger.readMoves(tx, [...new Set(gifts)])) {
      const found = byNumber.get(to);
      assert(found !== undefined, `move ${index}.${part} is to no pledge account`);
      parts.set(`${index}.${part}`, found);
    }
    return parts;
  }

  async #pledgeAccounts(tx: ClientBase): Promise<Map<number, Part>> {
    if (this.#accounts !== null) return this.#accounts;
    const rows = await this.#ledger.readAccountsBelow(tx, 'giving/promised/');
    this.#accounts = new Map(
      rows.map(({ account, asset, name }) => [account, { asset, recipient: name.split('/')[3] ?? '' }]),
    );
    return this.#accounts;
  }
}

interface Part {
  readonly asset: string;
  readonly recipient: string;
}

function partAt(parts: ReadonlyMap<string, Part>, index: number, part: number): Part {
  const found = parts.get(`${index}.${part}`);
  assert(found !== undefined, `there is no move ${index}.${part}`);
  return found;
}

function lostGift(
  index: number,
  { move, seal, terms }: GivingGift,
  bytes: Uint8Array,
  parts: ReadonlyMap<string, Part>,
  change: TotalsChange,
): store.LostGift {
  const given = move.reduce((sum, [, , minor]) => sum + minor, 0);
  const { asset } = partAt(parts, index, 0);
  change.give(asset, given);
  move.forEach(([, , minor], part) => {
    change.giveTo(partAt(parts, index, part).recipient, asset, minor);
  });
  return { index, terms, asset, given, seal, leaf: leafOf(bytes) };
}

function lostReturn(
  index: number,
  { declare, gift, seal }: GivingReturn,
  bytes: Uint8Array,
  parts: ReadonlyMap<string, Part>,
  change: TotalsChange,
): store.LostReturn {
  const returned = declare.reduce((sum, [, , minor]) => sum + minor, 0);
  const { asset } = partAt(parts, gift, 0);
  change.takeBack(asset, returned);
  for (const [of, part, minor] of declare) change.takeBackFrom(partAt(parts, of, part).recipient, asset, minor);
  return { index, gift, asset, returned, seal, leaf: leafOf(bytes) };
}

function leafOf(bytes: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.of(0), bytes]));
}
