/**
 * Five times what it can take: is the queue bounded, is everybody else told to come again, is nothing lost or doubled, and is it itself again within
 * seconds?
 */
import type { OrdersAnswer } from '@rivulet/client/contract';
import { arrivals } from '../figures/arrivals.ts';
import { latencyOf, type Spread, spreadOf } from '../figures/spread.ts';
import { orderRequests } from '../load/answers.ts';
import { drive } from '../load/closed-loop.ts';
import { type Answer, retryAfterOf } from '../load/connection.ts';
import type { Market } from '../load/market.ts';
import { type Arrived, driveOpen } from '../load/open-loop.ts';
import { type Body, Orders } from '../load/orders.ts';
import { seeded } from '../load/skew.ts';
import { memoryOf, Watch } from '../machine/memory.ts';
import { AuditFailed } from '../stand/audits.ts';
import type { Stand } from '../stand/stand.ts';
import { ms, openMarket, type Part, type PartContext, sendBodies, warmUpEvents, whole } from './part.ts';

export interface OverloadFigures {
  readonly factor: number;
  readonly runs: readonly OverloadRun[];
  readonly backToNormalSeconds: Spread;
}

interface OverloadRun {
  /** In a closed loop, before. */
  readonly eventsPerSecond: number;
  readonly offeredPerSecond: number;
  readonly seconds: number;
  readonly requests: number;
  readonly acknowledged: number;
  /** 503 with Retry-After. */
  readonly refused: number;
  /** Any other answer, and connections that ended: none is clean. */
  readonly unclean: number;
  /** Events taken in a second while overloaded. */
  readonly takenPerSecond: number;
  /** The most that waited, as the server's metric says. */
  readonly mostWaiting: number;
  readonly memoryMiB: { readonly before: number; readonly peak: number; readonly after: number };
  /** Of probes of one event, ten a second. */
  readonly probeP50Ms: { readonly before: number; readonly during: number; readonly after: number };
  /** From the end of the load until a second begins in which all probes are taken, none in twice the time of the slowest before the load. */
  readonly backToNormalSeconds: number;
  readonly gifts: number;
}

const factor = 5;
const probesPerSecond = 10;
const quietSeconds = 3;
const afterSeconds = 10;
const mostEvents = 2_000_000;
const connections = 400;

export const overload: Part<OverloadFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const runs: OverloadRun[] = [];
    let audited: string[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      say(`run ${run} of ${options.runs}`);
      runs.push(await measure(context, market, run));
      audited = await stand.audit();
    }
    const backToNormalSeconds = spreadOf(runs.map((run) => run.backToNormalSeconds));
    return { figures: { factor, runs, backToNormalSeconds }, audited };
  },
  lines,
};

async function measure(context: PartContext, market: Market, run: number): Promise<OverloadRun> {
  const { options, stand, say } = context;
  const rows = Math.min(1_000, options.rows);
  const ordersOf = (what: string) => new Orders(market, seeded(options.seed + run), { prefix: `${what}${run}-` });
  const before = ordersOf('W');
  say('what it can take');
  await sendBodies(context, before.bodies(warmUpEvents(options), rows), options.concurrency, options.seconds);
  const events = Math.min(options.events, 200_000);
  const normal = await sendBodies(context, before.bodies(events, rows), options.concurrency, options.seconds);
  const eventsPerSecond = normal.counts.lines / normal.seconds;
  const offered = factor * eventsPerSecond;
  const seconds = Math.min(5, options.seconds, mostEvents / offered);
  const due = arrivals(offered / rows, seconds, seeded(options.seed));
  const bodies = ordersOf('O').bodies(due.length * rows, rows);
  say(`${whole(offered)} events/s offered for ${seconds.toFixed(1)} s`);
  const { probes, arrived, samples, endedMs } = await load(context, ordersOf('P'), bodies, due);
  say('sending again: first what was refused, then everything');
  const gifts = await settle(context, bodies, arrived);
  stand.sums.created += gifts.size;
  for (const minor of gifts.values()) stand.sums.givenMinor += minor;
  const acknowledged = arrived.filter(({ answer }) => answer?.status === 200).length;
  return {
    eventsPerSecond,
    offeredPerSecond: (due.length * rows) / seconds,
    seconds,
    requests: due.length,
    acknowledged,
    refused: arrived.filter(({ answer }) => isCleanRefusal(answer)).length,
    unclean: arrived.filter(({ answer }) => answer?.status !== 200 && !isCleanRefusal(answer)).length,
    takenPerSecond: (acknowledged * rows * 1_000) / endedMs,
    ...ofSamples(samples),
    ...ofProbes(probes, seconds, endedMs / 1_000),
    gifts: gifts.size,
  };
}

interface Sample {
  readonly residentMiB: number;
  readonly waiting: number;
}

interface Probe {
  /** After the start of the load; negative before it. */
  readonly dueSeconds: number;
  readonly ms: number;
  readonly good: boolean;
}

async function load({ stand }: PartContext, probing: Orders, bodies: readonly Body[], due: Float64Array) {
  const loadSeconds = (due.at(-1) ?? 0) / 1_000;
  const probeSeconds = quietSeconds + loadSeconds + afterSeconds;
  const probeDue = Float64Array.from(
    { length: probeSeconds * probesPerSecond },
    (_, i) => (i * 1_000) / probesPerSecond,
  );
  const probeBodies = probing.bodies(probeDue.length, 1);
  const watch = new Watch(100, () => sample(stand));
  const requests = orderRequests(stand.target, bodies);
  const probes = driveOpen(stand.target, orderRequests(stand.target, probeBodies), probeDue, 64);
  await new Promise((resolve) => setTimeout(resolve, quietSeconds * 1_000));
  const start = performance.now();
  const { arrived } = await driveOpen(stand.target, requests, due, connections);
  const endedMs = performance.now() - start;
  const probed = (await probes).arrived;
  const samples = (await watch.stop()).map(({ value }) => value);
  // The probes are in the books too.
  const refused = probeBodies.filter((_, i) => probed[i]?.answer?.status !== 200);
  for (const { answer } of probed) if (answer?.status === 200) stand.sums.add(answer);
  if (refused.length > 0) await sendBodies({ stand }, refused, 8, 600);
  return {
    arrived,
    endedMs,
    samples,
    probes: probed.map(({ ms: took, answer }, i): Probe => {
      const dueSeconds = (probeDue[i] as number) / 1_000 - quietSeconds;
      return { dueSeconds, ms: took, good: answer?.status === 200 };
    }),
  };
}

async function sample(stand: Stand): Promise<Sample | null> {
  const memory = await memoryOf(stand.pids.server);
  const text = await (await fetch(`${stand.url}/metrics`)).text();
  const waiting = Number(/^rivulet_intake_events_waiting\{book="main"\} (\d+)/m.exec(text)?.[1] ?? Number.NaN);
  return memory && { residentMiB: memory.residentMiB, waiting };
}

function isCleanRefusal(answer: Answer | null): boolean {
  return answer !== null && answer.status === 503 && (retryAfterOf(answer) ?? 0) > 0;
}

/**
 * What a marketplace does: sends again what was not acknowledged, until it is. Then everything once more, and nothing may be new.
 * @returns every gift once, by id, in minor units @throws AuditFailed when a gift was lost, doubled or changed
 */
async function settle(
  { options, stand }: PartContext,
  bodies: readonly Body[],
  arrived: readonly Arrived[],
): Promise<Map<string, bigint>> {
  const requests = orderRequests(stand.target, bodies);
  const again = requests.filter((_, i) => arrived[i]?.answer?.status !== 200);
  const { concurrency } = options;
  const second = await drive(stand.target, again, concurrency, Number.POSITIVE_INFINITY);
  const gifts = new Map<string, bigint>();
  for (const { answer } of arrived) if (answer?.status === 200) collect(answer, gifts);
  for (const answer of second.answers) if (answer !== null) collect(answer, gifts);
  const known = gifts.size;
  const third = await drive(stand.target, requests, concurrency, Number.POSITIVE_INFINITY);
  for (const answer of third.answers) if (answer !== null) collect(answer, gifts, 'nothing new');
  if (gifts.size !== known) throw new AuditFailed(`sent again, ${gifts.size - known} gifts were other than before`);
  return gifts;
}

function collect({ pieces }: Answer, gifts: Map<string, bigint>, expected?: 'nothing new'): void {
  const { results } = JSON.parse(Buffer.concat(pieces as Buffer[]).toString()) as OrdersAnswer;
  for (const result of results) {
    if (result.outcome === 'refused') throw new AuditFailed(`an event was refused: ${JSON.stringify(result.error)}`);
    if (!('givenMinor' in result)) continue;
    if (expected === 'nothing new' && result.outcome === 'created')
      throw new AuditFailed(`gift ${result.gift} was made by an event that had been acknowledged`);
    const minor = BigInt(result.givenMinor);
    if ((gifts.get(result.gift) ?? minor) !== minor) throw new AuditFailed(`gift ${result.gift} has two amounts`);
    gifts.set(result.gift, minor);
  }
}

function ofSamples(samples: readonly Sample[]): Pick<OverloadRun, 'mostWaiting' | 'memoryMiB'> {
  const most = (figure: (sample: Sample) => number) => Math.max(0, ...samples.map(figure));
  const [before, after] = [samples[0]?.residentMiB ?? 0, samples.at(-1)?.residentMiB ?? 0];
  return {
    mostWaiting: most(({ waiting }) => (Number.isNaN(waiting) ? 0 : waiting)),
    memoryMiB: { before, peak: most(({ residentMiB }) => residentMiB), after },
  };
}

/** @param endedSeconds after the start of the load, when its last answer came */
function ofProbes(
  probes: readonly Probe[],
  loadSeconds: number,
  endedSeconds: number,
): Pick<OverloadRun, 'probeP50Ms' | 'backToNormalSeconds'> {
  const within = (from: number, to: number) => probes.filter(({ dueSeconds }) => dueSeconds >= from && dueSeconds < to);
  const median = (of: readonly Probe[]) => latencyOf(of.map(({ ms: took }) => took)).p50Ms;
  const before = within(Number.NEGATIVE_INFINITY, 0);
  const slowest = Math.max(...before.map(({ ms: took }) => took));
  const after = within(loadSeconds, Number.POSITIVE_INFINITY);
  const isNormal = (probe: Probe) => probe.good && probe.ms <= 2 * slowest;
  const first = after.findIndex((_, i) => after.slice(i, i + probesPerSecond).every(isNormal));
  return {
    probeP50Ms: {
      before: median(before),
      during: median(within(0, endedSeconds)),
      after: median(within(endedSeconds, Number.POSITIVE_INFINITY)),
    },
    backToNormalSeconds: (after[first]?.dueSeconds ?? Number.NaN) - loadSeconds,
  };
}

function lines({ runs, backToNormalSeconds }: OverloadFigures): string[] {
  const each = runs.flatMap(({ memoryMiB, probeP50Ms, ...run }) => [
    `offered     ${whole(run.offeredPerSecond)} events/s for ${run.seconds.toFixed(1)} s, ${factor} times the ${whole(run.eventsPerSecond)} that it takes`,
    `answers     of ${whole(run.requests)} requests ${whole(run.acknowledged)} acknowledged (${whole(run.takenPerSecond)} events/s), ${whole(run.refused)} told when to come again (503, Retry-After), ${whole(run.unclean)} otherwise`,
    `queue       at most ${whole(run.mostWaiting)} events waited; server ${whole(memoryMiB.before)} MiB before, ${whole(memoryMiB.peak)} at most, ${whole(memoryMiB.after)} after`,
    `probes      one event: p50 ${ms(probeP50Ms.before)} ms before, ${ms(probeP50Ms.during)} during, ${ms(probeP50Ms.after)} after`,
  ]);
  const gifts = runs.reduce((sum, run) => sum + run.gifts, 0);
  const { median, min, max } = backToNormalSeconds;
  return [
    ...each,
    `after       back to normal ${median.toFixed(1)} s after the load (${min.toFixed(1)} to ${max.toFixed(1)})`,
    `books       every acknowledged event is there once; sent again, nothing was doubled: ${whole(gifts)} gifts`,
  ];
}
