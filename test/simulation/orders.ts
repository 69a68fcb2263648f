/** Draws what marketplaces would report: new orders, the same again, changed ones, returns before and after. */
import type { OrderEvent } from '@rivulet/client/contract';
import type { Draw } from '../support/draw.ts';
import { items, type Market, merchants } from './market.ts';

type Completed = Extract<OrderEvent, { type: 'order.completed' }>;
type Returned = Extract<OrderEvent, { type: 'order.returned' }>;

const dayMs = 86_400_000;
export const buyers = ['u-1', 'u-2', 'u-3', 'u-4'];

export class Orders {
  readonly #draw: Draw;
  readonly #market: Market;
  readonly #sent: Completed[] = [];
  readonly #returns: Returned[] = [];
  /** Orders whose return was sent before them. */
  readonly #owed: Completed[] = [];
  #made = 0;

  constructor(draw: Draw, market: Market) {
    this.#draw = draw;
    this.#market = market;
  }

  /** One request's events, of one book; the first is an order that was never sent. */
  request(count: number, nowMs: number, book: 'live' | 'trial'): OrderEvent[] {
    const fits = ({ source }: OrderEvent) => (source === 'trial') === (book === 'trial');
    const events: OrderEvent[] = [this.#new(nowMs, book)];
    while (events.length < count) {
      const event = this.#event(nowMs, book);
      if (fits(event)) events.push(event);
    }
    return events;
  }

  #event(nowMs: number, book: 'live' | 'trial'): OrderEvent {
    const draw = this.#draw;
    if (this.#sent.length > 0) {
      const before = draw.pick(this.#sent);
      if (draw.chance(0.1)) return before;
      if (draw.chance(0.03))
        return { ...before, ...draw.pick([{ paid: before.paid + 1 }, { item: 's-9' }, { quantity: 77 }]) };
      if (draw.chance(0.03)) return { ...before, buyer: 'somebody-else', tax: 0 };
      if (draw.chance(0.05)) return this.#keep({ ...before, line: draw.pick(['1', '2', '3']) });
      if (draw.chance(0.12)) return this.#return(before, nowMs);
    }
    if (this.#returns.length > 0 && draw.chance(0.05)) {
      const again = draw.pick(this.#returns);
      return draw.chance(0.8) ? again : { ...again, paid: again.paid + 1 };
    }
    if (this.#owed.length > 0 && draw.chance(0.3)) return this.#keep(this.#owed.shift() as Completed);
    if (!draw.chance(0.05)) return this.#new(nowMs, book);
    const order = this.#draft(nowMs, book);
    this.#owed.push(order);
    return this.#return(order, nowMs);
  }

  #new(nowMs: number, book: 'live' | 'trial'): Completed {
    return this.#keep(this.#draft(nowMs, book));
  }

  #keep(order: Completed): Completed {
    this.#sent.push(order);
    return order;
  }

  #draft(nowMs: number, book: 'live' | 'trial'): Completed {
    const draw = this.#draw;
    const placedMs = draw.whole(nowMs - 15 * dayMs, nowMs);
    const merchant = draw.pick(merchants);
    const paid = draw.chance(0.02) ? draw.whole(0, 2_000_000) : draw.whole(0, 20_000);
    const small = (probability: number) => (draw.chance(probability) ? draw.whole(0, Math.ceil(paid / 3) + 1) : 0);
    const source = book === 'trial' ? 'trial' : draw.pick(['shop-1', 'shop-1', 'shop-2']);
    return {
      type: 'order.completed',
      source,
      order: `A${++this.#made}`,
      line: draw.pick(['1', '2']),
      merchant,
      item: draw.pick(items),
      ...(draw.chance(0.8) && { buyer: draw.pick(buyers) }),
      quantity: draw.whole(1, 4),
      paid,
      shipping: small(0.2),
      tax: small(0.2),
      discount: small(0.2),
      platformDiscount: small(0.1),
      currency: this.#currency(merchant),
      placedAt: new Date(placedMs).toISOString(),
      completedAt: new Date(draw.whole(placedMs, nowMs + dayMs)).toISOString(),
      ...(draw.chance(0.08) && { pledge: this.#named(source) }),
    };
  }

  #currency(merchant: string): string {
    return this.#draw.pick(merchant === 'm-1' ? ['CNY', 'CNY', 'CNY', 'CNY', 'USD'] : ['CNY', 'CNY', 'USD']);
  }

  #named(source: string): string {
    const known = [...(this.#market.sources.get(source)?.pledges.pledges.values() ?? [])];
    if (known.length === 0 || this.#draw.chance(0.1)) return 'p-9@1';
    const pledge = this.#draw.pick(known);
    return this.#draw.pick([pledge.id, `${pledge.id}@${this.#draw.whole(1, pledge.versions.length + 1)}`]);
  }

  #return({ source, order, line, merchant, paid }: Completed, nowMs: number): Returned {
    const draw = this.#draw;
    const event: Returned = {
      type: 'order.returned',
      source,
      return: `R${++this.#made}`,
      order,
      line,
      merchant: draw.chance(0.03) ? 'm-9' : merchant,
      paid: draw.chance(0.05)
        ? paid + 1
        : draw.chance(0.3)
          ? Math.max(1, paid)
          : draw.whole(1, Math.max(1, Math.ceil(paid / 2))),
      returnedAt: new Date(draw.whole(nowMs - 3 * dayMs, nowMs)).toISOString(),
    };
    this.#returns.push(event);
    return event;
  }
}
