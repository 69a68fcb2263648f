/** Public totals of a book while they run: per asset and per recipient. A batch adds rows that are true at the log size it ends at. */
import type { ClientBase, Pool } from 'pg';

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
    const assets = [...this.#assets];
    await tx.query({
      name: 'giving.insert-totals',
      text: `insert into giving.total (book_id, asset, size, given, returned, gifts)
             select $1, asset, $2, given, returned, gifts
             from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) n(asset, given, returned, gifts)`,
      values: [bookId, size, assets.map(([asset]) => asset), ...figures(assets)],
    });
    const recipients = [...this.#recipients];
    await tx.query({
      name: 'giving.insert-recipient-totals',
      text: `insert into giving.recipient_total (book_id, recipient, asset, size, given, returned, gifts)
             select $1, split_part(key, ' ', 1), split_part(key, ' ', 2), $2, given, returned, gifts
             from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) n(key, given, returned, gifts)`,
      values: [bookId, size, recipients.map(([key]) => key), ...figures(recipients)],
    });
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

function figures(rows: [string, Total][]): number[][] {
  return [rows.map(([, t]) => t.given), rows.map(([, t]) => t.returned), rows.map(([, t]) => t.gifts)];
}

function totalOf(row: { given: string; returned: string; gifts: string }): Total {
  return { given: Number(row.given), returned: Number(row.returned), gifts: Number(row.gifts) };
}

/** Totals by asset, true at log size `size`, or newest for null. */
export async function readAssetTotals(
  read: ClientBase | Pool,
  bookId: number,
  size: number | null,
): Promise<{ asset: string; total: Total }[]> {
  const { rows } = await read.query({
    name: 'giving.read-totals',
    text: `select a.asset, t.given, t.returned, t.gifts from ledger.asset a
           cross join lateral (select given, returned, gifts from giving.total t
             where t.book_id = $1 and t.asset = a.asset and t.size <= $2 order by t.size desc limit 1) t
           where a.book_id = $1 order by a.asset`,
    values: [bookId, size ?? Number.MAX_SAFE_INTEGER],
  });
  return rows.map((row) => ({ asset: row.asset, total: totalOf(row) }));
}

/** Totals by recipient (public id) and asset, true at log size `size`, or newest for null. */
export async function readRecipientTotals(
  read: ClientBase | Pool,
  bookId: number,
  size: number | null,
): Promise<{ recipient: string; asset: string; total: Total }[]> {
  const { rows } = await read.query({
    name: 'giving.read-recipient-totals',
    text: `select r.public_id as recipient, a.asset, t.given, t.returned, t.gifts
           from giving.recipient r cross join lateral unnest(r.assets) a(asset)
           cross join lateral (select given, returned, gifts from giving.recipient_total t
             where t.book_id = $1 and t.recipient = r.public_id and t.asset = a.asset and t.size <= $2
             order by t.size desc limit 1) t`,
    values: [bookId, size ?? Number.MAX_SAFE_INTEGER],
  });
  return rows.map((row) => ({ recipient: row.recipient, asset: row.asset, total: totalOf(row) }));
}
