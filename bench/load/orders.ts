/** Order events as a marketplace would send them, as request bodies made ready beforehand: the load must cost little while the clock runs. */
import { type Draw, drawFrom, itemId, type Market, merchantId, source } from './market.ts';
import { type Chance, zipf } from './skew.ts';

export interface Body {
  readonly bytes: Buffer;
  readonly events: number;
}

interface Sent {
  readonly order: string;
  readonly line: string;
  readonly merchant: string;
  readonly paid: number;
  readonly text: string;
  /** Once: a second return could exceed what was paid. */
  returned: boolean;
}

export interface OrdersOptions {
  /** Share of lines that name an item without a pledge; 0 unless said. */
  readonly unpledged?: number;
  /** Of order ids, where two streams go into one server. */
  readonly prefix?: string;
}

/** Earlier events that a duplicate or a return may name. */
const remembered = 20_000;
const buyers = 200_000;
const dayMs = 86_400_000;

/** An endless stream of events, one JSON text each; 3 % come twice, 0.5 % are returns of earlier lines. */
export class Orders {
  readonly #chance: Chance;
  readonly #unpledged: number;
  readonly #prefix: string;
  readonly #draw: Draw;
  readonly #buyer: () => number;
  readonly #earlier: Sent[] = [];
  readonly #start = Date.parse('2026-11-11T00:00:00Z');
  #orders = 0;
  #lines = 0;
  #linesLeft = 0;
  #buyerNow = 0;
  #returns = 0;

  constructor(market: Market, chance: Chance, { unpledged = 0, prefix = 'A' }: OrdersOptions = {}) {
    this.#chance = chance;
    this.#unpledged = unpledged;
    this.#prefix = prefix;
    this.#draw = drawFrom(market, chance);
    this.#buyer = zipf(buyers, 0.6, chance);
  }

  /** Bodies of `events` events together, `rows` in each. */
  bodies(events: number, rows: number): Body[] {
    return Array.from({ length: Math.ceil(events / rows) }, () => this.body(rows));
  }

  /** @param events in one request */
  body(events: number): Body {
    const lines: string[] = [];
    for (let i = 0; i < events; i += 1) {
      const kind = this.#earlier.length < 1_000 ? 1 : this.#chance();
      if (kind < 0.03) lines.push(this.#one().text);
      else if (kind < 0.035) lines.push(this.#return());
      else lines.push(this.#completed());
    }
    return { bytes: Buffer.from(lines.join('\n')), events };
  }

  #completed(): string {
    if (this.#linesLeft === 0) {
      this.#orders += 1;
      this.#lines = 0;
      this.#linesLeft = 1 + Math.floor(this.#chance() * 3);
      this.#buyerNow = this.#buyer();
    }
    this.#linesLeft -= 1;
    this.#lines += 1;
    const of = this.#draw.merchant();
    const merchant = merchantId(of);
    const order = `${this.#prefix}${String(this.#orders).padStart(9, '0')}`;
    const line = String(this.#lines);
    const quantity = this.#chance() < 0.85 ? 1 : 2 + Math.floor(this.#chance() * 4);
    const paid = quantity * Math.round(Math.exp(7 + 2.2 * (this.#chance() + this.#chance() - 1)));
    const placed = this.#start + this.#orders * 20;
    const pledged = this.#unpledged === 0 || this.#chance() >= this.#unpledged;
    const text = JSON.stringify({
      type: 'order.completed',
      source,
      order,
      line,
      merchant,
      item: pledged ? itemId(of, this.#draw.item(of)) : `${merchant}-plain-${this.#lines}`,
      buyer: `u-${this.#buyerNow}`,
      quantity,
      paid,
      shipping: 0,
      tax: 0,
      discount: 0,
      platformDiscount: 0,
      currency: 'CNY',
      placedAt: new Date(placed).toISOString(),
      completedAt: new Date(placed + 5 * dayMs).toISOString(),
    });
    this.#remember({ order, line, merchant, paid, text, returned: false });
    return text;
  }

  #return(): string {
    let sent = this.#one();
    while (sent.returned) sent = this.#one();
    sent.returned = true;
    const { order, line, merchant, paid } = sent;
    this.#returns += 1;
    const back = this.#chance() < 0.6 ? paid : Math.max(1, Math.floor(paid / 2));
    const returnedAt = new Date(this.#start + 20 * dayMs + this.#returns).toISOString();
    const named = { type: 'order.returned', source, return: `R${this.#prefix}${this.#returns}`, order, line, merchant };
    return JSON.stringify({ ...named, paid: back, returnedAt });
  }

  #one(): Sent {
    return this.#earlier[Math.floor(this.#chance() * this.#earlier.length)] as Sent;
  }

  #remember(sent: Sent): void {
    if (this.#earlier.length < remembered) this.#earlier.push(sent);
    else this.#earlier[Math.floor(this.#chance() * remembered)] = sent;
  }
}
