/** The demo's shoppers: what they order, now and then bring back, and how a tired network says things twice. */
import type { OrderEventInput } from '@rivulet/client';
import { demoSource, type Goods } from './market.ts';

/** What is chosen of the random numbers; each 0 to 1. */
type Random = () => number;

type Completed = Extract<OrderEventInput, { type: 'order.completed' }>;

const shoppers = 20_000;
const remembered = 400;
const returnShare = 0.01;
const twiceShare = 0.005;
const minuteMs = 60_000;
const longestWaitMs = 9 * 24 * 60 * minuteMs;

export interface ShoppersOptions {
  readonly goods: readonly Goods[];
  /** From when each pledge holds: nothing is placed before. */
  readonly since: ReadonlyMap<string, number>;
  /** Names this run, so that order numbers never come again. */
  readonly run: string;
  readonly random: Random;
}

export class Shoppers {
  readonly #options: ShoppersOptions;
  /** Sums of popularity, to choose by. */
  readonly #popularity: readonly number[];
  readonly #recent: Completed[] = [];
  #orders = 0;

  constructor(options: ShoppersOptions) {
    this.#options = options;
    this.#popularity = popularityOf(options.goods.length);
  }

  /** The events of `orders` orders that complete now. */
  next(orders: number, now: number): OrderEventInput[] {
    const events: OrderEventInput[] = [];
    for (let i = 0; i < orders; i++) events.push(...this.#order(now));
    return events;
  }

  #order(now: number): OrderEventInput[] {
    const { random, run } = this.#options;
    const order = `${run}-${++this.#orders}`;
    const first = this.#choose();
    const buyer = `shopper-${1 + Math.floor(random() ** 2 * shoppers)}`;
    const lines = this.#basket(first).map((goods, i) => this.#line(goods, order, `${i + 1}`, buyer, now));
    const events: OrderEventInput[] = [...lines];
    if (random() < twiceShare) events.push(...lines);
    if (random() < returnShare) events.push(...this.#bringBack(now));
    this.#recent.push(...lines);
    this.#recent.splice(0, this.#recent.length - remembered);
    return events;
  }

  /** Some goods are bought far more often than others. */
  #choose(): Goods {
    const { goods, random } = this.#options;
    const at = random() * (this.#popularity.at(-1) ?? 0);
    let from = 0;
    for (let to = goods.length - 1; from < to; ) {
      const middle = (from + to) >> 1;
      if ((this.#popularity[middle] ?? 0) < at) from = middle + 1;
      else to = middle;
    }
    // Popularity has nothing to do with where in the list a thing is; 547 has no factor in common with the number of goods.
    return goods[(from * 547) % goods.length] as Goods;
  }

  /** One thing mostly, sometimes two or three of the same shop. */
  #basket(first: Goods): Goods[] {
    const { goods, random } = this.#options;
    const more = random() < 0.8 ? 0 : random() < 0.75 ? 1 : 2;
    const others = goods.filter(({ merchant, item }) => merchant === first.merchant && item !== first.item);
    const start = Math.floor(random() * others.length);
    return [first, ...others.slice(start, start + more)];
  }

  #line(
    { merchant, item, priceMinor, pledge }: Goods,
    order: string,
    line: string,
    buyer: string,
    now: number,
  ): Completed {
    const { random, since } = this.#options;
    const quantity = random() < 0.85 ? 1 : 2 + Math.floor(random() * 3);
    const goods = priceMinor * quantity;
    const discount = random() < 0.25 ? Math.round(goods * (0.05 + random() * 0.15)) : 0;
    const shipping = line === '1' && random() < 0.3 ? 600 + Math.floor(random() * 7) * 100 : 0;
    // From minutes to days until the buyer confirms receipt, but nothing was placed before the pledge began.
    const wait = Math.min(longestWaitMs, 5 * minuteMs * Math.exp(random() * 8));
    const placed = Math.max(now - wait, (pledge === null ? undefined : since.get(pledge)) ?? now - wait);
    return {
      type: 'order.completed',
      source: demoSource,
      order,
      line,
      merchant,
      item,
      buyer,
      quantity,
      paid: goods - discount + shipping,
      shipping,
      discount,
      currency: 'CNY',
      placedAt: new Date(Math.min(placed, now)).toISOString(),
      completedAt: new Date(now).toISOString(),
    };
  }

  /** Brings back a line of late, whole or in part. */
  #bringBack(now: number): OrderEventInput[] {
    const { random } = this.#options;
    const [line] = this.#recent.splice(Math.floor(random() * this.#recent.length), 1);
    if (line === undefined) return [];
    const paid = random() < 0.7 ? line.paid : Math.max(1, Math.floor(line.paid / 2));
    const { source, order, merchant } = line;
    const returned = { return: `r-${order}`, order, line: line.line, merchant, paid };
    return [{ type: 'order.returned', source, ...returned, returnedAt: new Date(now).toISOString() }];
  }
}

/** Running sums of a Zipf-like law. */
function popularityOf(count: number): number[] {
  let sum = 0;
  return Array.from({ length: count }, (_, rank) => {
    sum += 1 / (rank + 4);
    return sum;
  });
}
