/** Lines that mostly carry no pledge, as of a marketplace that sends everything: 95 in 100 are answered with `ignored`. */
import { type Spread, spreadOf } from '../figures/spread.ts';
import type { Phase } from '../load/answers.ts';
import { Orders } from '../load/orders.ts';
import type { SetUp } from '../load/set-up-market.ts';
import { seeded } from '../load/skew.ts';
import { type CpuEach, cpuEach, cpuNow } from '../machine/cpu.ts';
import { memoryOf } from '../machine/memory.ts';
import type { BenchOptions } from '../options.ts';
import { openMarket, type Part, type PartContext, sendBodies, warmUpEvents, whole } from './part.ts';

export interface SparseFigures {
  readonly market: { readonly projects: number; readonly merchants: number; readonly items: number };
  readonly setUp: SetUp;
  /** Of the server, with the market in it. */
  readonly residentMiB: number | null;
  /** Every line names a pledged item of the same market. */
  readonly pledged: Lines;
  /** 95 % of the lines name none. */
  readonly sparse: Lines;
}

interface Lines {
  readonly unpledged: number;
  readonly linesPerSecond: Spread;
  readonly giftsPerSecond: Spread;
  readonly p99Ms: Spread;
  /** Microseconds a line, of the last run. */
  readonly cpu: CpuEach | null;
}

export const sparse: Part<SparseFigures> = {
  async run(context) {
    const { stand } = context;
    const { market, setUp } = await openMarket(context);
    const { projects, merchants, items } = market;
    const residentMiB = (await memoryOf(stand.pids.server))?.residentMiB ?? null;
    // Two streams of events: their orders must not have the same ids.
    const chance = seeded(context.options.seed);
    const pledged = await measure(context, 0, new Orders(market, chance, { prefix: 'P' }));
    const sparsely = await measure(context, 0.95, new Orders(market, chance, { unpledged: 0.95, prefix: 'S' }));
    const audited = await stand.audit();
    return {
      figures: { market: { projects, merchants, items }, setUp, residentMiB, pledged, sparse: sparsely },
      audited,
    };
  },
  lines,
};

async function measure(context: PartContext, unpledged: number, orders: Orders): Promise<Lines> {
  const { options, stand, say } = context;
  say('warming up');
  await send(context, orders, warmUpEvents(options));
  const phases: Phase[] = [];
  let cpu: CpuEach | null = null;
  for (let run = 1; run <= options.runs; run += 1) {
    say(`run ${run} of ${options.runs}: ${Math.round((1 - unpledged) * 100)} % of the lines carry a pledge`);
    const before = await cpuNow(stand.pids);
    const phase = await send(context, orders, options.events);
    cpu = cpuEach(before, await cpuNow(stand.pids), phase.cpuSeconds, phase.counts.lines);
    phases.push(phase);
    await stand.audit();
  }
  return {
    unpledged,
    linesPerSecond: spreadOf(phases.map(({ counts, seconds }) => counts.lines / seconds)),
    giftsPerSecond: spreadOf(phases.map(({ counts, seconds }) => counts.created / seconds)),
    p99Ms: spreadOf(phases.map(({ p99Ms }) => p99Ms)),
    cpu,
  };
}

function send(context: PartContext, orders: Orders, events: number): Promise<Phase> {
  const { rows, concurrency, seconds }: BenchOptions = context.options;
  return sendBodies(context, orders.bodies(events, rows), concurrency, seconds);
}

function lines({ market, setUp, residentMiB, pledged, sparse: sparsely }: SparseFigures): string[] {
  const say = ({ linesPerSecond, giftsPerSecond, cpu }: Lines) =>
    `${whole(linesPerSecond.median)} lines/s (${whole(linesPerSecond.min)} to ${whole(linesPerSecond.max)}), ${whole(giftsPerSecond.median)} gifts/s${cpu === null ? '' : `; ${cpu.all} µs a line`}`;
  return [
    `market      ${whole(market.projects)} projects, ${whole(market.merchants)} merchants, ${whole(market.items)} pledged items, set up in ${setUp.seconds.toFixed(1)} s (${whole(setUp.rows / setUp.seconds)} rows/s); server ${residentMiB === null ? 'memory not known here' : `${whole(residentMiB)} MiB`}`,
    `all pledged ${say(pledged)}`,
    `95 % not    ${say(sparsely)}`,
  ];
}
