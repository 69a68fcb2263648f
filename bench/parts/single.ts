/** One event a request: what is possible in a closed loop, and how long a request takes in an open one at moderate load. */
import { arrivals } from '../figures/arrivals.ts';
import { type Latency, latencyOf, type Spread, spreadOf } from '../figures/spread.ts';
import { Counts, orderRequests } from '../load/answers.ts';
import { driveOpen } from '../load/open-loop.ts';
import { Orders } from '../load/orders.ts';
import { seeded } from '../load/skew.ts';
import { type CpuEach, cpuEach, cpuNow } from '../machine/cpu.ts';
import { ms, openMarket, type Part, type PartContext, sendBodies, warmUpEvents, whole } from './part.ts';

export interface OpenRun extends Latency {
  /** Of the closed loop's throughput. */
  readonly share: number;
  readonly offeredPerSecond: number;
  readonly requests: number;
  /** Answers of 503. */
  readonly refused: number;
  readonly mostWaiting: number;
}

export interface SingleFigures {
  readonly concurrency: number;
  readonly requestsPerSecond: Spread;
  readonly giftsPerSecond: Spread;
  readonly closed: readonly Latency[];
  /** Microseconds a request, of the last closed run. */
  readonly cpu: CpuEach | null;
  readonly open: readonly OpenRun[];
  /** At 30 %: what issue is made of. */
  readonly p99Ms: Spread;
}

const concurrency = 64;
const shares = [0.3, 0.6];
/** Enough that a stall of half a second does not queue here; what would is charged all the same. */
const openConnections = 256;

export const single: Part<SingleFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const orders = new Orders(market, seeded(options.seed));
    const seconds = Math.min(5, options.seconds);
    say('warming up');
    await sendBodies(context, orders.bodies(warmUpEvents(options), options.rows), options.concurrency, options.seconds);
    await sendBodies(context, orders.bodies(10_000, 1), concurrency, Math.min(2, seconds));
    const closed: ClosedRun[] = [];
    const open: OpenRun[] = [];
    let audited: string[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      say(`run ${run} of ${options.runs}: closed loop, ${concurrency} at a time`);
      const measured = await measureClosed(context, orders, seconds);
      closed.push(measured);
      for (const share of shares) {
        say(`run ${run} of ${options.runs}: open loop at ${share * 100} %`);
        open.push(await measureOpen(context, orders, share, measured.requestsPerSecond * share, 2 * seconds));
      }
      audited = await stand.audit();
    }
    return { figures: figuresOf(closed, open), audited };
  },
  lines,
};

interface ClosedRun extends Latency {
  readonly requestsPerSecond: number;
  readonly giftsPerSecond: number;
  readonly cpu: CpuEach | null;
}

async function measureClosed(context: PartContext, orders: Orders, seconds: number): Promise<ClosedRun> {
  const { pids } = context.stand;
  const bodies = orders.bodies(Math.ceil(seconds * 20_000), 1);
  const before = await cpuNow(pids);
  const phase = await sendBodies(context, bodies, concurrency, seconds);
  const cpu = cpuEach(before, await cpuNow(pids), phase.cpuSeconds, phase.requests);
  const { p50Ms, p99Ms, maxMs } = phase;
  const each = (count: number) => count / phase.seconds;
  return {
    requestsPerSecond: each(phase.requests),
    giftsPerSecond: each(phase.counts.created),
    cpu,
    p50Ms,
    p99Ms,
    maxMs,
  };
}

async function measureOpen(
  { options, stand }: PartContext,
  orders: Orders,
  share: number,
  offeredPerSecond: number,
  seconds: number,
): Promise<OpenRun> {
  const due = arrivals(offeredPerSecond, seconds, seeded(options.seed + Math.round(share * 100)));
  const bodies = orders.bodies(due.length, 1);
  const { arrived, mostWaiting } = await driveOpen(
    stand.target,
    orderRequests(stand.target, bodies),
    due,
    openConnections,
  );
  const counts = new Counts();
  const refusedBodies = bodies.filter((_, i) => arrived[i]?.answer?.status !== 200);
  for (const { answer } of arrived) if (answer?.status === 200) counts.add(answer);
  stand.sums.created += counts.created;
  stand.sums.givenMinor += counts.givenMinor;
  // They are sent again, as any marketplace would: the books must hold them all for the audit.
  if (refusedBodies.length > 0) await sendBodies({ stand }, refusedBodies, concurrency, 600);
  const times = Float64Array.from(arrived, ({ ms }) => ms);
  return {
    share,
    offeredPerSecond,
    requests: due.length,
    refused: refusedBodies.length,
    mostWaiting,
    ...latencyOf(times),
  };
}

function figuresOf(closed: readonly ClosedRun[], open: readonly OpenRun[]): SingleFigures {
  return {
    concurrency,
    requestsPerSecond: spreadOf(closed.map((run) => run.requestsPerSecond)),
    giftsPerSecond: spreadOf(closed.map((run) => run.giftsPerSecond)),
    closed: closed.map(({ p50Ms, p99Ms, maxMs }) => ({ p50Ms, p99Ms, maxMs })),
    cpu: closed.at(-1)?.cpu ?? null,
    open,
    p99Ms: spreadOf(open.filter(({ share }) => share === shares[0]).map((run) => run.p99Ms)),
  };
}

function lines({ requestsPerSecond: speed, giftsPerSecond, closed, open, cpu }: SingleFigures): string[] {
  const last = closed.at(-1) as Latency;
  return [
    `closed      ${whole(speed.median)} requests/s (${whole(speed.min)} to ${whole(speed.max)}), ${whole(giftsPerSecond.median)} gifts/s, ${concurrency} at a time; p50 ${ms(last.p50Ms)} ms, p99 ${ms(last.p99Ms)} ms`,
    ...(cpu === null
      ? []
      : [`processor   ${cpu.all} µs a request: load ${cpu.client}, server ${cpu.server}, PostgreSQL ${cpu.postgres}`]),
    ...open.map(
      ({ share, offeredPerSecond, p50Ms, p99Ms, maxMs, refused }) =>
        `open ${share * 100} %   ${whole(offeredPerSecond)} requests/s due beforehand: p50 ${ms(p50Ms)} ms, p99 ${ms(p99Ms)} ms, most ${ms(maxMs)} ms from when each was due; ${refused} refused`,
    ),
  ];
}
