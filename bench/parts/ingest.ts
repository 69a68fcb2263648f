/** Bulk intake: events in requests of thousands, beside the peers on the same PostgreSQL. */
import { type Latency, type Spread, spreadOf } from '../figures/spread.ts';
import type { Phase } from '../load/answers.ts';
import type { Market } from '../load/market.ts';
import { Orders } from '../load/orders.ts';
import { seeded, zipf } from '../load/skew.ts';
import { type BytesPerGift, bytesPerGift, sizesNow } from '../machine/bytes.ts';
import { type CpuEach, cpuEach, cpuNow } from '../machine/cpu.ts';
import { LogDelay } from '../machine/log-delay.ts';
import type { Accounts } from '../peers/peer.ts';
import { Peers, type PeersFigures } from '../peers/run-peers.ts';
import { ms, openMarket, type Part, type PartContext, sendBodies, times, warmUpEvents, whole } from './part.ts';

export interface IngestRun extends Latency {
  readonly giftsPerSecond: number;
  readonly gifts: number;
  readonly duplicates: number;
  readonly returns: number;
  readonly ignored: number;
  readonly seconds: number;
  readonly requests: number;
  readonly putOff: number;
  /** Of a body, for each event, as they come and go without compression. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Longest time from an answer to the first checkpoint seen that covers it. */
  readonly secondsBehind: number;
  /** From the last answer until the log covered everything. */
  readonly catchUpSeconds: number;
  readonly bytes: BytesPerGift;
  /** Microseconds a gift. */
  readonly cpu: CpuEach | null;
}

export interface IngestFigures {
  readonly giftsPerSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly bytesPerGift: Spread;
  readonly cpuMicroseconds: Spread | null;
  readonly runs: readonly IngestRun[];
  readonly peers: PeersFigures;
}

export const ingest: Part<IngestFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const orders = new Orders(market, seeded(options.seed));
    say('warming up');
    await sendBodies(context, orders.bodies(warmUpEvents(options), options.rows), options.concurrency, options.seconds);
    const peers = new Peers();
    const runs: IngestRun[] = [];
    let audited: string[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      say(`run ${run} of ${options.runs}: the peers`);
      await peers.round(stand.admin, Math.min(2, options.seconds), accountsOf(market, options.seed));
      say(`run ${run} of ${options.runs}: ${whole(options.events)} events, ${whole(options.rows)} a request`);
      runs.push(await measure(context, orders));
      audited = await stand.audit();
    }
    return { figures: figuresOf(runs, peers.figures()), audited };
  },
  lines,
};

function accountsOf({ merchants, projects }: Market, seed: number): Accounts {
  const chance = seeded(seed);
  const [debit, credit] = [zipf(merchants, 1, chance), zipf(projects, 1.1, chance)];
  return { debit: () => debit(), credit: () => merchants + credit(), count: merchants + projects };
}

async function measure(context: PartContext, orders: Orders): Promise<IngestRun> {
  const { options, stand } = context;
  const bodies = orders.bodies(options.events, options.rows);
  const sizes = await sizesNow(stand.database, stand.log);
  const delay = new LogDelay(stand.url);
  const cpu = await cpuNow(stand.pids);
  const phase = await sendBodies(context, bodies, options.concurrency, options.seconds);
  const cpuAfter = await cpuNow(stand.pids);
  const catchUpSeconds = await delay.caughtUp(phase.promised.at(-1)?.size ?? 0);
  const { created } = phase.counts;
  return {
    ...countsOf(phase),
    bytesIn: Math.round(bodies.reduce((sum, { bytes }) => sum + bytes.length, 0) / (bodies.length * options.rows)),
    bytesOut: Math.round(phase.answerBytes / phase.counts.lines),
    secondsBehind: delay.longest(phase.promised),
    catchUpSeconds,
    bytes: bytesPerGift(sizes, await sizesNow(stand.database, stand.log), created),
    cpu: cpuEach(cpu, cpuAfter, phase.cpuSeconds, created),
  };
}

function countsOf({ counts, seconds, requests, putOff, p50Ms, p99Ms, maxMs }: Phase) {
  const { created: gifts, duplicates, returns, ignored } = counts;
  return {
    giftsPerSecond: gifts / seconds,
    gifts,
    duplicates,
    returns,
    ignored,
    seconds,
    requests,
    putOff,
    p50Ms,
    p99Ms,
    maxMs,
  };
}

function figuresOf(runs: readonly IngestRun[], peers: PeersFigures): IngestFigures {
  const spread = (figure: (run: IngestRun) => number) => spreadOf(runs.map(figure));
  return {
    giftsPerSecond: spread((run) => run.giftsPerSecond),
    p50Ms: spread((run) => run.p50Ms),
    p99Ms: spread((run) => run.p99Ms),
    bytesPerGift: spread((run) => run.bytes.total),
    cpuMicroseconds: runs.every(({ cpu }) => cpu !== null) ? spread((run) => run.cpu?.all ?? Number.NaN) : null,
    runs,
    peers,
  };
}

/** The run whose gifts a second are in the middle. */
export function middleRun({ runs }: Pick<IngestFigures, 'runs'>): IngestRun {
  const sorted = runs.toSorted((a, b) => a.giftsPerSecond - b.giftsPerSecond);
  return sorted[(sorted.length - 1) >> 1] as IngestRun;
}

function lines(figures: IngestFigures): string[] {
  const { giftsPerSecond: speed, peers } = figures;
  const run = middleRun(figures);
  const { bytes, cpu } = run;
  const threads = Object.entries(cpu?.threads ?? {}).map(([name, used]) => `${name} ${used}`);
  return [
    `gifts/s     ${whole(speed.median)} (${whole(speed.min)} to ${whole(speed.max)} in ${speed.runs.length} runs)`,
    `of these    ${whole(run.gifts)} gifts, ${whole(run.duplicates)} duplicates, ${whole(run.returns)} returns, ${whole(run.ignored)} ignored in ${run.seconds.toFixed(1)} s`,
    `a request   p50 ${ms(run.p50Ms)} ms, p99 ${ms(run.p99Ms)} ms (${whole(run.requests)} requests, ${run.putOff} put off)`,
    ...(cpu === null
      ? []
      : [
          `processor   ${cpu.all} µs a gift: load ${cpu.client}, server ${cpu.server} (${threads.join(', ')}), PostgreSQL ${cpu.postgres}`,
        ]),
    `log         published at most ${run.secondsBehind.toFixed(2)} s after the answer; caught up ${run.catchUpSeconds.toFixed(2)} s after the end`,
    `bytes/gift  ${bytes.total}: heap ${bytes.heap}, indexes ${bytes.indexes}, private rows ${bytes.privateRows}, log ${bytes.log}`,
    `            besides, for a time: batches ${bytes.batches}, write-ahead log ${bytes.wal}`,
    ...Object.values(peers).flatMap(({ name, usual, best }) => [
      `peer        ${name}: ${whole(best.perSecond.median)}/s at best, on ${best.connections} connections (${times(speed.median, best.perSecond.median)} times)` +
        (usual.connections === best.connections
          ? ''
          : `; ${whole(usual.perSecond.median)}/s on ${usual.connections} (${times(speed.median, usual.perSecond.median)} times)`),
    ]),
  ];
}
