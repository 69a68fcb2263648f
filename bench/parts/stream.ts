/** Readers: totals to thousands of listeners from one process, and tiles over HTTP. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseCheckpoint, tilePath, tileWidth } from '@rivulet/verifier';
import { type Latency, latencyOf, type Spread, spreadOf } from '../figures/spread.ts';
import { drive } from '../load/closed-loop.ts';
import { getRequest } from '../load/connection.ts';
import type { Ask, Said } from '../load/listeners.ts';
import { Orders } from '../load/orders.ts';
import { seeded } from '../load/skew.ts';
import { cpuEach, cpuNow } from '../machine/cpu.ts';
import { memoryOf } from '../machine/memory.ts';
import { AuditFailed } from '../stand/audits.ts';
import { ms, openMarket, type Part, type PartContext, sendBodies, whole } from './part.ts';

export interface StreamFigures {
  readonly asked: number;
  /** As many as the limit on open files lets one process have. */
  readonly listeners: number;
  readonly openSeconds: number;
  readonly runs: readonly StreamRun[];
  readonly p99Ms: Spread;
  readonly tiles: readonly TileFigures[];
}

interface StreamRun extends Latency {
  readonly seconds: number;
  readonly updates: number;
  readonly deliveries: number;
  /** Deliveries that did not come. */
  readonly lost: number;
  /** Of one core: the server's main thread, while it streamed and a few gifts a second came in. */
  readonly mainThreadPercent: number | null;
  /** All its threads. */
  readonly serverPercent: number | null;
  readonly residentMiB: number | null;
}

interface TileFigures {
  readonly what: string;
  readonly requestsPerSecond: Spread;
  readonly mebibytesPerSecond: number;
  readonly request: Latency;
  /** Of a run, in the server. */
  readonly cpuMicroseconds: number | null;
}

const tileConcurrency = 64;
/** The last update comes within a second of the last gift. */
const settleMs = 2_500;

export const stream: Part<StreamFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const orders = new Orders(market, seeded(options.seed));
    const events = Math.min(options.events, 300_000);
    say(`a log of ${whole(events)} events, for the tiles`);
    await sendBodies(context, orders.bodies(events, options.rows), options.concurrency, 3_600);
    await stand.audit();
    const tiles = await measureTiles(context);
    const listeners = Math.min(options.clients, (await openFiles(stand.pids.server)) - 500);
    if (listeners < options.clients)
      say(`the limit on open files (ulimit -n) leaves room for ${whole(listeners)} listeners only`);
    const child = fork(join(import.meta.dirname, '../load/listeners.ts'));
    try {
      say(`${whole(listeners)} listeners`);
      const opened = await ask(child, { ask: 'open', url: stand.url, clients: listeners });
      const openSeconds = opened.said === 'opened' ? opened.seconds : Number.NaN;
      const runs: StreamRun[] = [];
      for (let run = 1; run <= options.runs; run += 1) {
        say(`run ${run} of ${options.runs}: an update a second`);
        runs.push(await measureStream(context, orders, child, listeners));
      }
      const p99Ms = spreadOf(runs.map((one) => one.p99Ms));
      const audited = await stand.audit();
      return { figures: { asked: options.clients, listeners, openSeconds, runs, p99Ms, tiles }, audited };
    } finally {
      child.disconnect();
    }
  },
  lines,
};

/** The soft limit that a Node process gives itself is the hard one. */
async function openFiles(pid: number): Promise<number> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
}

type Child = ReturnType<typeof fork>;

async function ask(child: Child, question: Ask): Promise<Said> {
  const answer = once(child, 'message');
  child.send(question);
  return ((await answer) as [Said])[0];
}

/** Gifts come in all the while, a few at a time, so that each second's totals differ from those before. */
async function measureStream(
  { options, stand }: PartContext,
  orders: Orders,
  child: Child,
  listeners: number,
): Promise<StreamRun> {
  const seconds = Math.min(15, Math.max(3, options.seconds));
  const until = performance.now() + seconds * 1_000;
  child.send({ ask: 'mark' } satisfies Ask);
  const before = await cpuNow(stand.pids);
  const start = performance.now();
  while (performance.now() < until) {
    await sendBodies({ stand }, orders.bodies(5, 5), 1, 10);
    await pause(100);
  }
  const took = (performance.now() - start) / 1_000;
  // In percent of one core.
  const cpu = cpuEach(before, await cpuNow(stand.pids), 0, took * 1e4);
  await pause(settleMs);
  const said = await ask(child, { ask: 'report' });
  if (said.said !== 'heard') throw new AuditFailed('the listeners do not say what they heard');
  // The first may have been under way when they began to count.
  const updates = said.updates.filter((update, i) => i > 0 || update.listeners === listeners);
  const delays = updates.flatMap(({ delaysMs }) => delaysMs);
  return {
    seconds: took,
    updates: updates.length,
    deliveries: delays.length,
    lost: updates.length * listeners - delays.length,
    mainThreadPercent: cpu?.threads.MainThread ?? null,
    serverPercent: cpu?.server ?? null,
    residentMiB: (await memoryOf(stand.pids.server))?.residentMiB ?? null,
    ...latencyOf(Float64Array.from(delays)),
  };
}

async function measureTiles(context: PartContext): Promise<TileFigures[]> {
  const { options, stand } = context;
  const { size } = parseCheckpoint(await (await fetch(`${stand.url}/log/checkpoint`)).text());
  const chance = seeded(options.seed);
  const any = () => Math.floor(chance() * Math.max(1, Math.floor(size / tileWidth)));
  const kinds: [string, () => string, string][] = [
    ['hash tiles', () => tilePath(0, any()), ''],
    ['entry bundles', () => tilePath('entries', any()), ''],
    ['entry bundles as gzip', () => tilePath('entries', any()), 'accept-encoding: gzip\r\n'],
  ];
  const measured: TileFigures[] = [];
  for (const [what, path, headers] of kinds) {
    context.say(what);
    measured.push(await measureTile(context, what, () => `/log/${path()}`, headers));
  }
  return measured;
}

async function measureTile(
  { options, stand }: PartContext,
  what: string,
  path: () => string,
  headers: string,
): Promise<TileFigures> {
  const seconds = Math.min(4, options.seconds);
  const [speeds, cpus, times]: [number[], number[], number[]] = [[], [], []];
  let bytes = 0;
  let took = 0;
  for (let run = 0; run < options.runs; run += 1) {
    const requests = Array.from({ length: seconds * 30_000 }, () => getRequest(stand.target.url, path(), headers));
    const before = await cpuNow(stand.pids);
    const until = performance.now() + seconds * 1_000;
    const driven = await drive(stand.target, requests, tileConcurrency, until, { keepBodies: false });
    const answers = driven.answers.filter((answer) => answer !== null);
    const cpu = cpuEach(before, await cpuNow(stand.pids), driven.cpuSeconds, answers.length);
    if (cpu !== null) cpus.push(cpu.server);
    speeds.push(answers.length / driven.seconds);
    took += driven.seconds;
    for (const answer of answers) {
      times.push(answer.ms);
      bytes += answer.bytes;
    }
  }
  return {
    what,
    requestsPerSecond: spreadOf(speeds),
    mebibytesPerSecond: bytes / took / 2 ** 20,
    request: latencyOf(times),
    cpuMicroseconds: cpus.length === 0 ? null : Math.round(spreadOf(cpus).median),
  };
}

function lines({ listeners, openSeconds, runs, p99Ms, tiles }: StreamFigures): string[] {
  const last = runs.at(-1) as StreamRun;
  const percent = (value: number | null) => (value === null ? 'not known here' : `${value.toFixed(0)} % of a core`);
  return [
    `stream      ${whole(listeners)} listeners (opened in ${openSeconds.toFixed(1)} s), ${last.updates} updates in ${last.seconds.toFixed(0)} s: delivery p50 ${ms(last.p50Ms)} ms, p99 ${ms(p99Ms.median)} ms (${ms(p99Ms.min)} to ${ms(p99Ms.max)}), most ${ms(last.maxMs)} ms after the first had it; ${last.lost} lost`,
    `            server ${percent(last.serverPercent)}, of that the main thread ${percent(last.mainThreadPercent)}; ${whole(last.residentMiB ?? Number.NaN)} MiB`,
    ...tiles.map(
      ({ what, requestsPerSecond: speed, mebibytesPerSecond, request, cpuMicroseconds }) =>
        `tiles       ${what}: ${whole(speed.median)} requests/s (${whole(speed.min)} to ${whole(speed.max)}), ${whole(mebibytesPerSecond)} MiB/s, p99 ${ms(request.p99Ms)} ms, ${cpuMicroseconds ?? '?'} µs each in the server`,
    ),
  ];
}
