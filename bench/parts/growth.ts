/** Does it stay as fast as the books grow? And how long does a start take with all of it on disk? */
import { type Spread, spreadOf } from '../figures/spread.ts';
import { fill } from '../load/fill.ts';
import { Orders } from '../load/orders.ts';
import { seeded } from '../load/skew.ts';
import { sizesNow } from '../machine/bytes.ts';
import { type Memory, memoryOf } from '../machine/memory.ts';
import { openMarket, type Part, type PartContext, sendBodies, whole } from './part.ts';

interface Mark {
  /** Gifts in the books when the runs end. */
  readonly gifts: number;
  readonly giftsPerSecond: Spread;
  readonly p99Ms: Spread;
  /** Of tables and indexes, batches aside, and of the log's files. */
  readonly databaseBytes: number;
  readonly logBytes: number;
  readonly memory: Memory | null;
}

export interface GrowthFigures {
  readonly marks: readonly Mark[];
  /** Gifts a second at the last mark by those at the first. */
  readonly lastToFirst: number;
  /** From the command until the server is healthy, its PostgreSQL started as well. */
  readonly startSeconds: number;
  readonly stopSeconds: number;
  /** Of the server after that start. */
  readonly memory: Memory | null;
}

const sayEveryMs = 10_000;

export const growth: Part<GrowthFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const orders = new Orders(market, seeded(options.seed));
    const first = options.rowsAt[0] as number;
    // All runs of the first mark fit below it, with as much again to warm up.
    const events = Math.min(options.events, Math.floor(first / (2 * options.runs)));
    const marks: Mark[] = [];
    let audited: string[] = [];
    for (const rows of options.rowsAt) {
      await fillTo(context, orders, rows - events * options.runs);
      marks.push(await measure(context, orders, events));
      say(`auditing ${whole(stand.sums.created)} gifts`);
      audited = await stand.audit();
    }
    say('stopping and starting');
    const { stop, start } = await stand.restart();
    const memory = await memoryOf(stand.pids.server);
    const [one, last] = [marks[0], marks.at(-1)] as [Mark, Mark];
    const lastToFirst = last.giftsPerSecond.median / one.giftsPerSecond.median;
    return { figures: { marks, lastToFirst, startSeconds: start, stopSeconds: stop, memory }, audited };
  },
  lines,
};

async function fillTo({ options, stand, say }: PartContext, orders: Orders, gifts: number): Promise<void> {
  const start = performance.now();
  const had = stand.sums.created;
  let said = start;
  const goOn = () => {
    const now = performance.now();
    if (now - said >= sayEveryMs) {
      said = now;
      const speed = (stand.sums.created - had) / ((now - start) / 1_000);
      say(`filling: ${whole(stand.sums.created)} of ${whole(gifts)} gifts, ${whole(speed)}/s`);
    }
    return stand.sums.created < gifts;
  };
  const { rows, concurrency } = options;
  await fill(stand, orders, { rows: Math.min(rows, Math.max(1, gifts - had)), concurrency, goOn });
}

async function measure(context: PartContext, orders: Orders, events: number): Promise<Mark> {
  const { options, stand, say } = context;
  const [speeds, p99s]: [number[], number[]] = [[], []];
  const rows = Math.min(options.rows, Math.max(1, Math.ceil(events / options.concurrency)));
  for (let run = 1; run <= options.runs; run += 1) {
    say(`run ${run} of ${options.runs} at ${whole(stand.sums.created)} gifts: ${whole(events)} events`);
    const phase = await sendBodies(context, orders.bodies(events, rows), options.concurrency, 600);
    speeds.push(phase.counts.created / phase.seconds);
    p99s.push(phase.p99Ms);
  }
  const { tables, logFiles } = await sizesNow(stand.database, stand.log);
  const staying = [...tables].filter(([name]) => name !== 'log.batch');
  return {
    gifts: stand.sums.created,
    giftsPerSecond: spreadOf(speeds),
    p99Ms: spreadOf(p99s),
    databaseBytes: staying.reduce((sum, [, { heap, indexes }]) => sum + heap + indexes, 0),
    logBytes: logFiles,
    memory: await memoryOf(stand.pids.server),
  };
}

function lines({ marks, lastToFirst, startSeconds, stopSeconds, memory }: GrowthFigures): string[] {
  const mebibytes = (value: Memory | null) => (value === null ? 'not known here' : `${whole(value.residentMiB)} MiB`);
  return [
    ...marks.map(
      ({ gifts, giftsPerSecond: speed, databaseBytes, logBytes, memory: then }) =>
        `${`${(gifts / 1e6).toFixed(1)} M`.padEnd(11)} ${whole(speed.median)} gifts/s (${whole(speed.min)} to ${whole(speed.max)}); database ${(databaseBytes / 2 ** 30).toFixed(2)} GiB, log ${(logBytes / 2 ** 30).toFixed(2)} GiB; server ${mebibytes(then)}`,
    ),
    `last/first  ${lastToFirst.toFixed(2)}`,
    `start       ${startSeconds.toFixed(1)} s until healthy with all of it on disk, server ${mebibytes(memory)}; stop ${stopSeconds.toFixed(1)} s`,
  ];
}
