/** The small market of the simulation, said to the real server and to the model alike: sources, merchants, recipients, pledges, items. */
import assert from 'node:assert/strict';
import type { ItemRow, PledgeInput, RivuletClient } from '@rivulet/client';
import type { Draw } from '../support/draw.ts';
import { IntakeModel, type SourceModel } from './intake-model.ts';
import { PledgeBook } from './pledge-model.ts';

const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const sources = [
  { source: 'shop-1', zone: 'Asia/Shanghai', currencies: ['CNY', 'USD'], base: ['shipping', 'tax'], test: false },
  { source: 'shop-2', zone: 'America/New_York', currencies: ['CNY', 'USD'], base: [], test: false },
  {
    source: 'trial',
    zone: 'Europe/London',
    currencies: ['CNY', 'USD'],
    base: ['discount', 'platformDiscount'],
    test: true,
  },
] as const;
const recipients = {
  'r-1': ['CNY', 'USD'],
  'r-2': ['CNY', 'USD'],
  'r-3': ['CNY', 'USD'],
  'r-4': ['CNY'],
  'r-5': ['USD'],
};
export const merchants = ['m-1', 'm-2'];
export const items = ['s-1', 's-2', 's-3', 's-4', 's-5'];
/** Each pledge's merchant and currency never change. */
const pledges = [
  ['p-1', 'm-1', 'CNY'],
  ['p-2', 'm-1', 'CNY'],
  ['p-3', 'm-2', 'CNY'],
  ['p-4', 'm-2', 'USD'],
] as const;

export class Market {
  readonly live: IntakeModel;
  readonly trial: IntakeModel;
  readonly sources: ReadonlyMap<string, SourceModel>;
  /** Public id to ours. */
  readonly recipientOf = new Map<string, string>();
  readonly #draw: Draw;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.sources = new Map(
      sources.map(({ source, zone, base }) => [source, { source, zone, pledges: new PledgeBook(base) }]),
    );
    this.live = new IntakeModel(this.sources);
    this.trial = new IntakeModel(this.sources);
  }

  modelOf(source: string): IntakeModel {
    return source === 'trial' ? this.trial : this.live;
  }

  async open(client: RivuletClient): Promise<void> {
    for (const { source, base, currencies, ...body } of sources)
      await client.putSource(source, { ...body, base: [...base], currencies: [...currencies], name: { en: source } });
    const about = { type: 'project' as const, charity: { en: 'A charity' } };
    const rows = Object.entries(recipients).map(([recipient, assets]) => ({
      ...about,
      recipient,
      name: { en: recipient },
      assets,
    }));
    for (const result of (await client.putRecipients(rows)).results)
      if (result.outcome !== 'refused') this.recipientOf.set(result.publicId, result.recipient);
    const agreement = { reference: 'A-1', signedOn: '2025-01-01' };
    for (const { source } of sources)
      await client.putMerchants(
        source,
        merchants.map((merchant) => ({ merchant, agreement })),
      );
  }

  /** Makes a pledge, or says its next version, or the same again; sometimes ends one. */
  async changePledge(client: RivuletClient, nowMs: number): Promise<void> {
    const { source } = this.#draw.pick(sources);
    const book = (this.sources.get(source) as SourceModel).pledges;
    const [pledge, merchant, currency] = this.#draw.pick(pledges);
    const acceptedMs = Math.floor(nowMs / secondMs) * secondMs;
    if (book.pledges.has(pledge) && this.#draw.chance(0.15)) {
      const { outcome, version } = await client.endPledge(source, pledge);
      assert.equal(`${outcome} ${version}`, book.endPledge(pledge, acceptedMs));
      return;
    }
    const row = this.#pledgeRow(pledge, merchant, currency, nowMs);
    const expected = book.putPledge(row, acceptedMs);
    const [result] = (await client.putPledges(source, [row])).results;
    const told = result?.outcome === 'refused' ? result.error.code : `${result?.outcome} ${result?.version}`;
    assert.equal(told, expected, JSON.stringify(row));
    if (result?.outcome === 'refused' || result === undefined) return;
    assert.equal(Date.parse(result.startsAt), book.pledges.get(pledge)?.versions.at(-1)?.startMs);
    // Said again it is nothing new.
    if (this.#draw.chance(0.3)) assert.equal((await client.putPledges(source, [row])).results[0]?.outcome, 'unchanged');
  }

  async changeItem(client: RivuletClient, nowMs: number): Promise<void> {
    const { source } = this.#draw.pick(sources);
    const book = (this.sources.get(source) as SourceModel).pledges;
    const of = [...book.pledges.values()];
    const pledge = of.length === 0 || this.#draw.chance(0.15) ? null : this.#draw.pick(of);
    const row: ItemRow = {
      merchant: pledge?.merchant ?? this.#draw.pick(merchants),
      item: this.#draw.pick(items),
      pledge: pledge?.id ?? null,
      ...(this.#draw.chance(0.4) && { startsAt: this.#time(nowMs - 10 * dayMs, nowMs + 10 * dayMs) }),
    };
    const expected = book.putItem(row, Math.floor(nowMs / secondMs) * secondMs);
    const [result] = (await client.putItems(source, [row])).results;
    assert.equal(result?.outcome === 'refused' ? result.error.code : result?.outcome, expected, JSON.stringify(row));
  }

  #pledgeRow(pledge: string, merchant: string, currency: string, nowMs: number): PledgeInput {
    const draw = this.#draw;
    const fixed = { fixedMinor: draw.whole(1, 300), per: draw.pick(['line', 'unit'] as const) };
    const imported = draw.chance(0.5);
    return {
      pledge,
      merchant,
      currency,
      ...(draw.chance(0.6) ? { basisPoints: draw.pick([10, 50, 100, 333, 1000, 10_000]) } : fixed),
      recipients: this.#shares(currency),
      ...(imported && { startsAt: this.#time(nowMs - 90 * dayMs, nowMs - 5 * dayMs) }),
      ...(!imported && draw.chance(0.3) && { startsAt: this.#time(nowMs - dayMs, nowMs + 5 * dayMs) }),
      ...(draw.chance(0.2) && { endsAt: this.#time(nowMs - dayMs, nowMs + 60 * dayMs) }),
      ...(draw.chance(0.4) && { capMinor: draw.pick([50, 2_000, 50_000, 1_000_000]) }),
      imported,
      ...(draw.chance(0.8) && { items: items.filter(() => draw.chance(0.6)) }),
    };
  }

  #shares(currency: string): { recipient: string; weight: number }[] {
    const able = Object.entries(recipients).flatMap(([recipient, assets]) =>
      assets.includes(currency) ? [recipient] : [],
    );
    const some = able.filter(() => this.#draw.chance(0.5));
    const chosen = some.length > 0 ? some : able.slice(0, 1);
    return chosen.map((recipient) => ({ recipient, weight: this.#draw.pick([1, 1, 2, 3, 5, 20, 9_999]) }));
  }

  /** Whole seconds. */
  #time(fromMs: number, toMs: number): string {
    return `${new Date(this.#draw.whole(fromMs, toMs)).toISOString().slice(0, 19)}Z`;
  }
}
