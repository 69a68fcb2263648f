/** The phases of a run against one server, in order. */
import { RivuletClient } from '@rivulet/client';
import type pg from 'pg';
import { type BytesPerGift, bytesPerGift, type Sizes, sizesNow } from './bytes.ts';
import { type CpuSeconds, cpuNow, microsecondsAGift } from './cpu.ts';
import { type Phase, runPhase } from './load.ts';
import { LogDelay } from './log-delay.ts';
import { setUp, size } from './market.ts';
import { type Body, Orders } from './orders.ts';
import { seeded } from './skew.ts';

export interface BenchOptions {
  /** A phase ends after so long, whether or not all events are sent. */
  readonly seconds: number;
  /** Of the bulk phase. */
  readonly events: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Events in one bulk request. */
  readonly rows: number;
  readonly seed: number;
}

export interface Bench {
  readonly options: BenchOptions;
  readonly url: string;
  readonly key: string;
  /** As superuser, for sizes. */
  readonly database: pg.Client;
  /** The folder of the book's log. */
  readonly log: string;
  readonly pids: { readonly server: number; readonly postmaster: number };
  readonly say: (text: string) => void;
}

export interface Load {
  readonly bulk: Phase;
  readonly single: Phase;
  /** Longest time from an answer to the first checkpoint that covers it. */
  readonly secondsBehind: number;
  readonly catchUpSeconds: number;
  readonly bytes: BytesPerGift;
  readonly cpu: CpuSeconds | null;
}

/** @throws Error when an answer or the public totals are not what was sent */
export async function measureLoad(bench: Bench): Promise<Load> {
  const { options, url, key, say } = bench;
  const { rows, events, concurrency, seconds } = options;
  const chance = seeded(options.seed);
  const orders = new Orders(chance);
  const target = { url: new URL(url), key };
  say(`${size.projects} projects, ${size.merchants} merchants, ${size.items} items`);
  await setUp(new RivuletClient({ url, key }), chance);
  const warmUp = bodiesOf(orders, Math.max(rows * 4, events * 0.1), rows);
  const bodies = bodiesOf(orders, events, rows);
  const singles = bodiesOf(orders, 30_000, 1);
  say('warming up');
  const warm = await runPhase(target, warmUp, concurrency, seconds);
  say(`${events.toLocaleString('en')} events, ${rows.toLocaleString('en')} a request`);
  const before = await standing(bench);
  const delay = new LogDelay(url);
  const bulk = await runPhase(target, bodies, concurrency, seconds);
  const cpu = await cpuNow(bench.pids.server, bench.pids.postmaster);
  const catchUpSeconds = await delay.caughtUp(bulk.promised.at(-1)?.size ?? 0);
  const after = await standing(bench);
  say('one event a request');
  const single = await runPhase(target, singles, 32, Math.min(5, seconds));
  await totalsAre(new RivuletClient({ url }), warm, bulk, single);
  return {
    bulk,
    single,
    secondsBehind: delay.longest(bulk.promised),
    catchUpSeconds,
    bytes: bytesPerGift(before.sizes, after.sizes, bulk.created),
    cpu: microsecondsAGift(before.cpu, cpu, bulk.created),
  };
}

/** Bodies of `events` events together, made before the clock starts. */
function bodiesOf(orders: Orders, events: number, rows: number): Body[] {
  return Array.from({ length: Math.ceil(events / rows) }, () => orders.body(rows));
}

async function standing({ database, log, pids }: Bench): Promise<{ sizes: Sizes; cpu: CpuSeconds | null }> {
  return { sizes: await sizesNow(database, log), cpu: await cpuNow(pids.server, pids.postmaster) };
}

/** The public totals are the sum of what was answered. @throws Error when they are not within ten seconds */
async function totalsAre(client: RivuletClient, ...phases: readonly Phase[]): Promise<void> {
  const gifts = phases.reduce((sum, { created }) => sum + created, 0);
  const minor = phases.reduce((sum, { givenMinor }) => sum + givenMinor, 0n);
  for (let tries = 0; ; tries += 1) {
    const total = (await client.totals()).assets.CNY;
    if (total?.gifts === String(gifts) && total.givenMinor === String(minor)) return;
    if (tries === 100)
      throw new Error(`answered ${gifts} gifts of ${minor} fen, the totals say ${JSON.stringify(total)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
