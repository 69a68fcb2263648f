/** Plays days: whatever is drawn is said to the server and to the model, and what they answer is compared. */
import assert from 'node:assert/strict';
import type { OrderEvent, OrderResult } from '@rivulet/client/contract';
import { parseVerifierKey, verifyGiftProof } from '@rivulet/verifier';
import type { Draw } from '../support/draw.ts';
import { runVerify } from '../support/verify.ts';
import type { IntakeModel } from './intake-model.ts';
import { Market } from './market.ts';
import { buyers, Orders } from './orders.ts';
import { World } from './world.ts';

const secondMs = 1000;
const dayMs = 86_400_000;

/** What must be the same whenever one gift is told of. */
interface Told {
  readonly gift: string;
  readonly index: number;
  readonly code: string;
}

export class Play {
  readonly world: World;
  readonly counts: Record<string, number> = {};
  readonly #draw: Draw;
  readonly #market: Market;
  readonly #orders: Orders;
  readonly #told = new Map<string, Told>();
  readonly #indices = new Set<string>();

  private constructor(draw: Draw, world: World) {
    this.#draw = draw;
    this.world = world;
    this.#market = new Market(draw);
    this.#orders = new Orders(draw, this.#market);
  }

  static async open(draw: Draw): Promise<Play> {
    const world = await World.open(Date.parse('2026-03-27T06:00:00.500Z'));
    const play = new Play(draw, world);
    await play.#market.open(world.client);
    for (let i = 0; i < 20; i++) await play.#market.changePledge(world.client, world.clock.ms);
    return play;
  }

  async day(): Promise<void> {
    const { clock } = this.world;
    for (let deeds = this.#draw.whole(4, 14); deeds > 0; deeds--) {
      clock.ms += this.#draw.chance(0.3) ? this.#draw.whole(1, 900) : this.#draw.whole(1, 2 * 3600) * secondMs;
      await this.#deed();
    }
    clock.ms += this.#draw.chance(0.1) ? 190 * dayMs : this.#draw.whole(1, 30) * 3600 * secondMs;
    const dropped = await this.world.dropExpired();
    assert.deepEqual(dropped, [this.#market.live.dropExpired(clock.ms), this.#market.trial.dropExpired(clock.ms)]);
    await this.#compareTotals();
  }

  /** Every total, every day, some proofs, and the stranger's audit of both logs. */
  async end(): Promise<void> {
    await this.world.tallyDays();
    await this.#compareTotals();
    await this.#compareDays();
    await this.#checkProofs();
    for (const path of ['/log', '/books/test/log'])
      assert.equal((await runVerify('audit', this.world.url + path)).ok, true);
  }

  async #deed(): Promise<void> {
    const draw = this.#draw;
    const { world } = this;
    const chance = draw.next();
    if (chance < 0.1) await this.#market.changePledge(world.client, world.clock.ms);
    else if (chance < 0.2) await this.#market.changeItem(world.client, world.clock.ms);
    else if (chance < 0.25) await this.#startErasing()();
    else if (chance < 0.3) await world.fenceOut();
    else if (chance < 0.34) await world.endConnections();
    else if (chance < 0.38) await world.restart();
    else if (chance < 0.42) await world.keepGivenSoFar();
    else if (chance < 0.46) await world.tallyDays();
    else if (chance < 0.52) await this.#burst();
    else await this.#send(this.#orders.request(draw.whole(1, 30), world.clock.ms, draw.chance(0.8) ? 'live' : 'trial'));
  }

  async #send(events: readonly OrderEvent[]): Promise<void> {
    await this.#startSending(events)();
  }

  /** @returns what awaits the answer and compares it: to be called in the order in which the writer was given the work */
  #startSending(events: readonly OrderEvent[]): () => Promise<void> {
    const answer = this.world.client.sendOrders(events);
    return async () => this.#compare(events, (await answer).results);
  }

  async #taken<T>(start: () => T): Promise<T> {
    const taken = this.world.submission();
    const started = start();
    await taken;
    return started;
  }

  /** Several big requests at once, each given to the writer after the one before: while one is written the next is read for. */
  async #burst(): Promise<void> {
    const { clock } = this.world;
    // Whatever took the book from the writer, this finds it out: the others must not be sent twice, in another order.
    await this.#send(this.#orders.request(1, clock.ms, 'live'));
    const checks: (() => Promise<void>)[] = [];
    for (let left = 4; left > 0; left--) {
      if (this.#draw.chance(0.3)) checks.push(await this.#taken(() => this.#startErasing()));
      const events = this.#orders.request(this.#draw.whole(300, 700), clock.ms, 'live');
      checks.push(await this.#taken(() => this.#startSending(events)));
    }
    for (const check of checks) await check();
    this.#count('bursts');
  }

  #compare(events: readonly OrderEvent[], results: readonly OrderResult[]): void {
    assert.equal(results.length, events.length);
    const model = this.#market.modelOf(events[0]?.source ?? '');
    events.forEach((event, i) => {
      const result = results[i] as OrderResult;
      const expected = model.take(event, this.world.clock.ms);
      assert.equal(
        this.#brief(result),
        expected,
        JSON.stringify({ event, result, now: new Date(this.world.clock.ms) }),
      );
      this.#count(
        expected
          .split(' ')
          .slice(0, result.outcome === 'ignored' || result.outcome === 'refused' ? 2 : 1)
          .join(' '),
      );
      if ('givenMinor' in result) this.#sameGift(event as Extract<OrderEvent, { type: 'order.completed' }>, result);
    });
  }

  #sameGift(
    { source, order, line }: Extract<OrderEvent, { type: 'order.completed' }>,
    { gift, index, code }: Told,
  ): void {
    const key = `${source} ${order} ${line}`;
    const told = this.#told.get(key);
    if (told !== undefined) {
      assert.deepEqual({ gift, index, code }, told);
      return;
    }
    assert.ok(!this.#indices.has(gift), gift);
    this.#indices.add(gift);
    this.#told.set(key, { gift, index, code });
  }

  #brief(result: OrderResult): string {
    if (result.outcome === 'refused') return `refused ${result.error.code}`;
    if (result.outcome === 'ignored') return `ignored ${result.reason}`;
    if ('waiting' in result) return `${result.outcome} waiting`;
    if ('returnedMinor' in result) return `${result.outcome} -${result.returnedMinor} keeps ${result.keptMinor}`;
    const parts = result.parts.map(
      ({ recipient, amountMinor }) => `${this.#market.recipientOf.get(recipient)}: ${amountMinor}`,
    );
    return `${result.outcome} ${result.givenMinor} ${result.currency} to ${parts.join(', ')}`;
  }

  #startErasing(): () => Promise<void> {
    const [source, buyer] = [this.#draw.pick(['shop-1', 'shop-2']), this.#draw.pick(buyers)];
    const answer = this.world.client.erase(source, buyer);
    return async () => {
      const expected = this.#market.modelOf(source).erase(source, buyer);
      const { outcome, gifts } = await answer;
      assert.deepEqual(
        [outcome, gifts],
        expected === null ? ['unknown', 0] : ['erased', expected],
        `${source} ${buyer}`,
      );
      this.#count('erasures');
    };
  }

  async #compareTotals(): Promise<void> {
    await this.world.published();
    const { client } = this.world;
    const { live, recipientOf } = { live: this.#market.live, recipientOf: this.#market.recipientOf };
    assert.deepEqual((await client.totals()).assets, totalsOf(live.totals));
    const told = (await client.recipientTotals()).recipients.flatMap(({ recipient, assets }) =>
      Object.entries(assets).map(([asset, total]) => [`${recipientOf.get(recipient)} ${asset}`, total] as const),
    );
    assert.deepEqual(Object.fromEntries(told), totalsOf(live.recipientTotals));
  }

  async #compareDays(): Promise<void> {
    for (const model of [this.#market.live, this.#market.trial]) {
      const days = new Set([...model.days.keys()].map((key) => key.split(' ').slice(0, 2).join(' ')));
      for (const name of days) {
        const [source = '', date = ''] = name.split(' ');
        const { lines } = await this.world.client.day(source, date);
        const told = lines
          .filter((line) => line.lines !== '0')
          .map((line) => [
            `${source} ${date} ${line.outcome} ${line.reason} ${line.currency}`,
            [Number(line.lines), BigInt(line.minor)],
          ]);
        const expected = [...model.days]
          .filter(([key, { lines: n }]) => key.startsWith(`${name} `) && n !== 0)
          .map(([key, { lines: n, minor }]) => [key, [n, minor]]);
        assert.deepEqual(new Map(told.sort() as []), new Map(expected.sort() as []), name);
      }
      this.#count('days', days.size);
    }
  }

  /** Of every kind: with and without its buyer's key, returned and not. */
  async #checkProofs(): Promise<void> {
    const lines = await (await fetch(`${this.world.url}/log/vkey`)).text();
    const keys = lines.trim().split('\n').map(parseVerifierKey);
    const made = [...this.#market.live.gifts];
    for (let i = 0; i < 60 && made.length > 0; i++) {
      const [key, gift] = this.#draw.pick(made);
      const { gift: id, code } = this.#told.get(key) as Told;
      const verdict = verifyGiftProof(await this.world.client.proof(id, code), keys);
      assert.ok(verdict.ok, `${key}: ${JSON.stringify(verdict.steps)}`);
      assert.equal(verdict.order !== undefined, gift.opens, `${key} opens: ${gift.opens}`);
      if (verdict.order !== undefined) assert.equal(verdict.order.order, gift.event.order);
      assert.equal(verdict.gift?.given, Number(gift.given));
      this.#count('proofs');
    }
  }

  #count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }
}

function totalsOf(totals: IntakeModel['totals']): Record<string, object> {
  const told = [...totals].map(([name, { given, returned, gifts }]) => {
    return [name, { givenMinor: String(given), returnedMinor: String(returned), gifts: String(gifts) }] as const;
  });
  return Object.fromEntries(told);
}
