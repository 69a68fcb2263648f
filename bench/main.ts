/** `npm run bench`: a server of its own, load, the peer beside it, and an audit without which no figure is printed. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RivuletClient } from '@rivulet/client';
import pg from 'pg';
import { startCluster } from '#edge/postgres';
import { makeKey, startServer } from '../client/src/replay/server.ts';
import { audits } from './audits.ts';
import { type Baseline, runBaseline } from './baseline.ts';
import { type BytesPerGift, bytesPerGift, sizesNow } from './bytes.ts';
import { type Environment, environmentOf } from './environment.ts';
import { type Phase, runPhase } from './load.ts';
import { LogDelay } from './log-delay.ts';
import { setUp, size } from './market.ts';
import { type Body, Orders } from './orders.ts';
import { report, summary } from './report.ts';
import { seeded, zipf } from './skew.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    events: { type: 'string', default: '600000' },
    concurrency: { type: 'string', default: '6' },
    rows: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
  },
});
const options = {
  seconds: Number(values.seconds),
  events: Number(values.events),
  concurrency: Number(values.concurrency),
  rows: Number(values.rows),
  seed: Number(values.seed),
};

const say = (text: string) => console.error(`bench: ${text}`);

/** Bodies of `events` events together, made before the clock starts. */
function bodiesOf(orders: Orders, events: number, rows: number): Body[] {
  return Array.from({ length: Math.ceil(events / rows) }, () => orders.body(rows));
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

interface Loaded {
  readonly bulk: Phase;
  readonly single: Phase;
  readonly secondsBehind: number;
  readonly catchUpSeconds: number;
  readonly bytes: BytesPerGift;
}

async function load(url: string, key: string, database: pg.Client, log: string): Promise<Loaded> {
  const chance = seeded(options.seed);
  const orders = new Orders(chance);
  const target = { url: new URL(url), key };
  say(`${size.projects} projects, ${size.merchants} merchants, ${size.items} items`);
  await setUp(new RivuletClient({ url, key }), chance);
  const warmUp = bodiesOf(orders, Math.max(options.rows * 4, options.events * 0.1), options.rows);
  const bodies = bodiesOf(orders, options.events, options.rows);
  const singles = bodiesOf(orders, 30_000, 1);
  say('warming up');
  const warm = await runPhase(target, warmUp, options.concurrency, options.seconds);
  const before = await sizesNow(database, log);
  const delay = new LogDelay(url);
  say(`${options.events} events, ${options.rows} a request`);
  const bulk = await runPhase(target, bodies, options.concurrency, options.seconds);
  const caughtUp = await delay.caughtUp(bulk.promised.at(-1)?.size ?? 0);
  const after = await sizesNow(database, log);
  say('one event a request');
  const single = await runPhase(target, singles, 32, Math.min(5, options.seconds));
  await totalsAre(new RivuletClient({ url }), warm, bulk, single);
  return {
    bulk,
    single,
    secondsBehind: delay.longest(bulk.promised),
    catchUpSeconds: caughtUp,
    bytes: bytesPerGift(before, after, bulk.created),
  };
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

async function run(): Promise<boolean> {
  const data = await mkdtemp(join(tmpdir(), 'rivulet-bench-'));
  const port = await freePort();
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    RIVULET_DATA: data,
    PORT: String(port),
    RIVULET_REQUESTS_PER_KEY: '1000000',
  };
  delete environment.DATABASE_URL;
  const server = await startServer(`http://127.0.0.1:${port}`, environment);
  try {
    const { key } = await makeKey(environment);
    const cluster = await startCluster({ folder: join(data, 'postgres') });
    const database = new pg.Client(cluster.address('superuser', 'rivulet'));
    await database.connect();
    const where: Environment = await environmentOf(database, data);
    const loaded = await load(server.url, key, database, join(data, 'log/main'));
    say('the peer: one transaction per gift');
    const chance = seeded(options.seed);
    const admin = cluster.address('superuser', 'postgres');
    const baseline: Baseline = await runBaseline(admin, 3, zipf(500, 1, chance), zipf(size.projects, 1.1, chance));
    await database.end();
    say('auditing');
    const audited = await audits(server.url, environment);
    const measured = { options, environment: where, ...loaded, baseline, audits: audited };
    console.log(audited.passed ? report(measured) : audited.lines.join('\n'));
    console.log(summary(audited.passed ? measured : null));
    return audited.passed;
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

process.exitCode = (await run()) ? 0 : 1;
