/** Public totals of a book while they run: per asset and per recipient. A batch adds rows that are true at the log size it ends at. */
import type { ClientBase } from 'pg';
import { insertRecipientTotals, insertTotals, readAssetTotals, readRecipientTotals } from './store.ts';

export interface Total {
  given: number;
  returned: number;
  gifts: number;
}

const none: Total = { given: 0, returned: 0, gifts: 0 };

export class RunningTotals {
  readonly #assets = new Map<string, Total>();
  /** By `<recipient public id> <asset>`. */
  readonly #recipients = new Map<string, Total>();

  async load(read: ClientBase, bookId: number): Promise<void> {
    this.#assets.clear();
    this.#recipients.clear();
    for (const row of await readAssetTotals(read, bookId, null)) this.#assets.set(row.asset, row.total);
    for (const row of await readRecipientTotals(read, bookId, null))
      this.#recipients.set(`${row.recipient} ${row.asset}`, row.total);
  }

  /** A batch's own changes over these. */
  change(): TotalsChange {
    return new TotalsChange(this.#assets, this.#recipients);
  }
}

export class TotalsChange {
  readonly #belowAssets: Map<string, Total>;
  readonly #belowRecipients: Map<string, Total>;
  readonly #assets = new Map<string, Total>();
  readonly #recipients = new Map<string, Total>();

  constructor(assets: Map<string, Total>, recipients: Map<string, Total>) {
    this.#belowAssets = assets;
    this.#belowRecipients = recipients;
  }

  give(asset: string, amount: number): void {
    const total = own(this.#assets, this.#belowAssets, asset);
    total.given += amount;
    total.gifts += 1;
  }

  giveTo(recipient: string, asset: string, amount: number): void {
    const total = own(this.#recipients, this.#belowRecipients, `${recipient} ${asset}`);
    total.given += amount;
    total.gifts += 1;
  }

  takeBack(asset: string, amount: number): void {
    own(this.#assets, this.#belowAssets, asset).returned += amount;
  }

  takeBackFrom(recipient: string, asset: string, amount: number): void {
    own(this.#recipients, this.#belowRecipients, `${recipient} ${asset}`).returned += amount;
  }

  async flush(tx: ClientBase, bookId: number, size: number): Promise<void> {
    if (this.#assets.size === 0) return;
    await insertTotals(tx, bookId, size, [...this.#assets]);
    await insertRecipientTotals(tx, bookId, size, [...this.#recipients]);
  }

  commit(): void {
    for (const [key, total] of this.#assets) this.#belowAssets.set(key, total);
    for (const [key, total] of this.#recipients) this.#belowRecipients.set(key, total);
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
