/** Fictional marketplaces to load: how many projects, merchants and items, and which of them come up most. */
import { type Chance, zipf } from './skew.ts';

export const source = 'bench';

export interface Market {
  readonly name: 'small' | 'full';
  readonly projects: number;
  readonly merchants: number;
  /** Pledged items of all merchants together. */
  readonly items: number;
  /** Pledged items of the merchant with this number; the busiest are numbered first. */
  itemsOf(merchant: number): number;
}

const small: Market = { name: 'small', projects: 40, merchants: 500, items: 10_000, itemsOf: () => 20 };

/** The size of the marketplace that the original platform was: see docs/performance.md. */
const full = { projects: 2_000, merchants: 250_000, items: 2_280_000 };

export function marketOf(name: Market['name']): Market {
  if (name === 'small') return small;
  const counts = sharesOf(full.items, full.merchants);
  return { name, ...full, itemsOf: (merchant) => counts[merchant] as number };
}

/** Shares `total` among `count`, the k-th in proportion to 1 / √(k + 1): the busiest merchant has thousands of items, most have a handful. */
export function sharesOf(total: number, count: number): Uint32Array {
  let sum = 0;
  for (let k = 1; k <= count; k += 1) sum += 1 / Math.sqrt(k);
  const shares = new Uint32Array(count);
  let reached = 0;
  let given = 0;
  for (let k = 0; k < count; k += 1) {
    reached += 1 / Math.sqrt(k + 1) / sum;
    const share = (k === count - 1 ? total : Math.round(reached * total)) - given;
    shares[k] = share;
    given += share;
  }
  return shares;
}

/** What one order line may name. */
export interface Draw {
  merchant(): number;
  /** Popular items come up most. */
  item(merchant: number): number;
}

export function drawFrom(market: Market, chance: Chance): Draw {
  const merchant = zipf(market.merchants, 1, chance);
  const item = zipf(market.itemsOf(0), 1, chance);
  return { merchant, item: (of) => item(market.itemsOf(of)) };
}

export const merchantId = (merchant: number) => `m-${merchant}`;
export const itemId = (merchant: number, item: number) => `m-${merchant}-i-${item}`;
