/** Public totals of a book while they run: per asset and per recipient. A batch adds rows that are true at the log size it ends at. */
import type { ClientBase } from 'pg';
import { BinaryRows } from '#base/bytes/binary-rows';
import { copyRows } from '#base/bytes/copy-rows';
import type { Batch } from '#books/log';
import { readAssetTotals, readRecipientTotals, targets } from './store.ts';

export interface Total {
  given: number;
  returned: number;
  gifts: number;
}

const none: Total = { given: 0, returned: 0, gifts: 0 };

/** By asset, by recipient (public id). */
type ByRecipient = Map<string, Map<string, Total>>;

export class RunningTotals {
  readonly #assets = new Map<string, Total>();
  readonly #recipients: ByRecipient = new Map();

  async load(read: ClientBase, bookId: number): Promise<void> {
    this.#assets.clear();
    this.#recipients.clear();
    for (const row of await readAssetTotals(read, bookId, null)) this.#assets.set(row.asset, row.total);
    for (const row of await readRecipientTotals(read, bookId, null))
      inner(this.#recipients, row.asset).set(row.recipient, row.total);
  }

  /** A batch's own changes over these. */
  change(): TotalsChange {
    return new TotalsChange(this.#assets, this.#recipients);
  }
}

export class TotalsChange {
  readonly #belowAssets: Map<string, Total>;
  readonly #belowRecipients: ByRecipient;
  readonly #assets = new Map<string, Total>();
  readonly #recipients: ByRecipient = new Map();

  constructor(assets: Map<string, Total>, recipients: ByRecipient) {
    this.#belowAssets = assets;
    this.#belowRecipients = recipients;
  }

  give(asset: string, amount: number): void {
    const total = own(this.#assets, this.#belowAssets, asset);
    total.given += amount;
    total.gifts += 1;
  }

  giveTo(recipient: string, asset: string, amount: number): void {
    const total = this.#of(recipient, asset);
    total.given += amount;
    total.gifts += 1;
  }

  takeBack(asset: string, amount: number): void {
    own(this.#assets, this.#belowAssets, asset).returned += amount;
  }

  takeBackFrom(recipient: string, asset: string, amount: number): void {
    this.#of(recipient, asset).returned += amount;
  }

  /** Has the batch write them, true at the log size it ends at. */
  write(batch: Batch): void {
    batch.copy(targets.assets, () => this.#assetRows(batch.bookId, batch.first + batch.size));
    batch.copy(targets.recipients, () => this.#recipientRows(batch.bookId, batch.first + batch.size));
  }

  /** The same in a transaction of the caller's own. */
  async flush(tx: ClientBase, bookId: number, size: number): Promise<void> {
    await copyRows(tx, [
      { target: targets.assets, rows: this.#assetRows(bookId, size) },
      { target: targets.recipients, rows: this.#recipientRows(bookId, size) },
    ]);
  }

  #assetRows(bookId: number, size: number): BinaryRows {
    const rows = new BinaryRows(256);
    for (const [asset, total] of this.#assets) addRow(rows, bookId, [asset], size, total);
    return rows;
  }

  #recipientRows(bookId: number, size: number): BinaryRows {
    const rows = new BinaryRows(1024);
    for (const [asset, totals] of this.#recipients)
      for (const [recipient, total] of totals) addRow(rows, bookId, [recipient, asset], size, total);
    return rows;
  }

  commit(): void {
    for (const [key, total] of this.#assets) this.#belowAssets.set(key, total);
    for (const [asset, totals] of this.#recipients)
      for (const [recipient, total] of totals) inner(this.#belowRecipients, asset).set(recipient, total);
  }

  #of(recipient: string, asset: string): Total {
    return own(inner(this.#recipients, asset), inner(this.#belowRecipients, asset), recipient);
  }
}

function own(mine: Map<string, Total>, below: Map<string, Total>, key: string): Total {
  let total = mine.get(key);
  if (total === undefined) {
    total = { ...(below.get(key) ?? none) };
    mine.set(key, total);
  }
  return total;
}

function inner(totals: ByRecipient, asset: string): Map<string, Total> {
  let found = totals.get(asset);
  if (found === undefined) {
    found = new Map();
    totals.set(asset, found);
  }
  return found;
}

function addRow(rows: BinaryRows, bookId: number, names: readonly string[], size: number, total: Total): void {
  rows.row(5 + names.length);
  rows.int4(bookId);
  for (const name of names) rows.text(name);
  rows.int8(size);
  rows.int8(total.given);
  rows.int8(total.returned);
  rows.int8(total.gifts);
}
