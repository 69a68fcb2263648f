/** Steady load through the SDK while the world fails, and an exact memory of what was sent and what was answered. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderEventInput, OrderResult, RivuletClient } from '@rivulet/client';
import { OutOfReach } from '@rivulet/client';
import type { Draw } from '../support/draw.ts';
import { marketSource, openMarket } from '../support/market.ts';

export type Completed = Extract<OrderEventInput, { type: 'order.completed' }>;
export type Returned = Extract<OrderEventInput, { type: 'order.returned' }>;

/** `sku-1`: 1 % to two recipients; `sku-2`: 7 a unit to three, up to the cap; `sku-3` carries nothing. */
export const cap = 30_000;

export async function openCrashMarket(client: RivuletClient): Promise<void> {
  await openMarket(client);
  const recipients = [
    { recipient: 'r-1', weight: 5 },
    { recipient: 'r-2', weight: 3 },
  ];
  const started = { startsAt: '2026-01-01T00:00:00Z', imported: true };
  const rule = { fixedMinor: 7, per: 'unit' as const, capMinor: cap };
  const pledge = { pledge: 'p-2', merchant: 'm-1', currency: 'CNY', ...rule, recipients, ...started, items: ['sku-2'] };
  const { results } = await client.putPledges(marketSource, [pledge]);
  assert.equal(results[0]?.outcome, 'created');
}

export interface Answer {
  readonly event: OrderEventInput;
  /** The last one; what may not change was compared with all before it. */
  result: OrderResult;
  /** How often `created` was answered: never twice. */
  created: number;
}

const shared = { source: marketSource, merchant: 'm-1' };

export class Load {
  /** Every event that was ever sent, by its key. */
  readonly sent = new Map<string, OrderEventInput>();
  readonly answers = new Map<string, Answer>();
  /** Requests that got an answer, and requests that got none. */
  requests = 0;
  lost = 0;
  readonly #draw: Draw;
  readonly #big: number;
  #keys: string[] = [];
  #orders: Completed[] = [];
  #later: Completed[] = [];
  #returned = new Map<string, number>();
  #made = 0;
  #running: Promise<void>[] = [];
  #stopping = false;

  /**
   * Ends with the test, also when that fails.
   * @param big how many of the requests are so big that the writer builds the next batch while it writes one
   */
  constructor(t: TestContext, draw: Draw, big = 0.15) {
    this.#draw = draw;
    this.#big = big;
    t.after(async () => {
      this.#stopping = true;
      await Promise.allSettled(this.#running);
    });
  }

  /** Sends one request after the other with each of these clients until `stop`. */
  start(clients: readonly RivuletClient[]): void {
    this.#stopping = false;
    this.#running = clients.map((client) => this.#send(client));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  /** For the clients, between two tries: so that the most patient one gives up when the load stops. */
  readonly pause = async (ms: number): Promise<void> => {
    await sleep(ms);
    if (this.#stopping) throw new OutOfReach('the load has stopped', null, null);
  };

  /** Resolves when so many more requests were answered. */
  async answered(more: number, patienceMs = 60_000): Promise<void> {
    const goal = this.requests + more;
    for (const end = Date.now() + patienceMs; this.requests < goal; await sleep(10))
      if (Date.now() > end) throw new Error(`nothing was answered for ${patienceMs} ms`);
  }

  /** Sent, and no answer ever came. */
  unanswered(): OrderEventInput[] {
    return [...this.sent].filter(([key]) => !this.answers.has(key)).map(([, event]) => event);
  }

  /** After a rescue gifts that are alike may have been given to each other's orders: the next answers say which is whose. */
  forgetWhich(): void {
    for (const [key, { event }] of this.answers) {
      this.sent.set(key, event);
      this.answers.delete(key);
    }
  }

  /** Compares an answer with those before it, and keeps it. */
  note(event: OrderEventInput, result: OrderResult | undefined): void {
    assert.ok(result !== undefined, 'one result an event');
    const key = keyOf(event);
    const before = this.answers.get(key);
    if (before === undefined) {
      this.answers.set(key, { event, result, created: result.outcome === 'created' ? 1 : 0 });
      return;
    }
    if (result.outcome === 'created') before.created += 1;
    assert.ok(before.created <= 1, `${key} was created twice`);
    assert.deepEqual(lasting(result, before.result), lasting(before.result, result), key);
    if (!('waiting' in result)) before.result = result;
  }

  async #send(client: RivuletClient): Promise<void> {
    while (!this.#stopping) {
      const events = this.#request();
      try {
        const { results } = await client.sendOrders(events);
        assert.equal(results.length, events.length);
        for (const [i, event] of events.entries()) this.note(event, results[i]);
        this.requests += 1;
      } catch (error) {
        if (!(error instanceof OutOfReach)) throw error;
        this.lost += 1;
        await sleep(this.#draw.whole(20, 150));
      }
      await sleep(this.#draw.whole(0, 8));
    }
  }

  #request(): OrderEventInput[] {
    const draw = this.#draw;
    const events: OrderEventInput[] = [];
    const count = draw.chance(0.3) ? 1 : draw.chance(this.#big) ? draw.whole(400, 900) : draw.whole(2, 60);
    while (events.length < count) events.push(this.#event());
    for (const event of events) {
      const key = keyOf(event);
      if (!this.sent.has(key)) this.#keys.push(key);
      this.sent.set(key, event);
    }
    return events;
  }

  #event(): OrderEventInput {
    const draw = this.#draw;
    if (this.#keys.length > 0 && draw.chance(0.05)) return this.sent.get(draw.pick(this.#keys)) as OrderEventInput;
    if (this.#later.length > 0 && draw.chance(0.2)) return this.#order(this.#later.pop() as Completed);
    if (this.#orders.length > 0 && draw.chance(0.05)) return this.#return(draw.pick(this.#orders));
    const order = this.#newOrder();
    // Its return comes first; the order itself some requests later.
    if (!draw.chance(0.02)) return this.#order(order);
    this.#later.push(order);
    return this.#return(order);
  }

  #order(order: Completed): Completed {
    this.#orders.push(order);
    return order;
  }

  #newOrder(): Completed {
    const draw = this.#draw;
    const [quantity, buyer] = [draw.whole(1, 5), `u-${draw.whole(1, 50)}`];
    return {
      type: 'order.completed',
      ...shared,
      order: `A${++this.#made}`,
      line: '1',
      item: draw.pick(['sku-1', 'sku-1', 'sku-1', 'sku-2', 'sku-3']),
      ...(draw.chance(0.9) && { buyer }),
      quantity,
      paid: draw.whole(1, 9_999),
      currency: draw.chance(0.01) ? 'USD' : 'CNY',
      placedAt: '2026-11-10T23:59:58Z',
      completedAt: draw.pick(['2026-11-18T08:00:01.234Z', '2026-11-19T08:00:00Z']),
    };
  }

  /** A part of what is left, so that returns never exceed what was paid. */
  #return({ order, line, paid }: Completed): Returned {
    const back = this.#returned.get(order) ?? 0;
    const amount = this.#draw.whole(1, Math.max(1, paid - back));
    this.#returned.set(order, back + amount);
    const returnedAt = '2026-11-20T08:00:00Z';
    return { type: 'order.returned', ...shared, return: `R${++this.#made}`, order, line, paid: amount, returnedAt };
  }
}

/** What makes an event itself, for ever. */
export function keyOf(event: OrderEventInput): string {
  return event.type === 'order.completed'
    ? `order ${event.order} ${event.line}`
    : `return ${event.return} ${event.order} ${event.line}`;
}

/** What every answer to one event says, however often it is asked. @param other an answer to the same event */
function lasting(result: OrderResult, other: OrderResult): unknown {
  // A return that waited has become one that counts, or one of a line that made no gift.
  if ('waiting' in result || 'waiting' in other) return 'returned';
  if (result.outcome === 'refused') return result.error.code;
  if (result.outcome === 'ignored') return result.reason;
  if ('givenMinor' in result) {
    const { gift, index, currency, givenMinor, parts, code } = result;
    return { gift, index, currency, givenMinor, parts, code };
  }
  const { gift, index, returnedMinor } = result as { gift: string; index: number | null; returnedMinor: string };
  return { gift, index, returnedMinor };
}
