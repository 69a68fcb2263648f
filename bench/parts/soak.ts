/** Does memory stay flat under full load, minute after minute? */
import { type Spread, slopeOf, spreadOf } from '../figures/spread.ts';
import { fill } from '../load/fill.ts';
import { Orders } from '../load/orders.ts';
import { seeded } from '../load/skew.ts';
import { memoryOf, Watch } from '../machine/memory.ts';
import { openMarket, type Part, whole } from './part.ts';

interface Sample {
  readonly atSeconds: number;
  readonly residentMiB: number;
  readonly gifts: number;
}

export interface SoakFigures {
  readonly minutes: number;
  readonly gifts: number;
  /** In each tenth of the time. */
  readonly giftsPerSecond: Spread;
  readonly samples: readonly Sample[];
  /** Over the second half, when caches are full. */
  readonly mebibytesAMinute: number;
  /** The most over the whole time. */
  readonly peakMiB: number;
  /** Bytes that the server keeps for each further gift, by the same slope. */
  readonly bytesAGift: number;
}

export const soak: Part<SoakFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const orders = new Orders(market, seeded(options.seed));
    const seconds = options.minutes * 60;
    const watch = new Watch(Math.min(5_000, (seconds / 40) * 1_000), async () => {
      const memory = await memoryOf(stand.pids.server);
      return memory && { residentMiB: memory.residentMiB, peakMiB: memory.peakMiB, gifts: stand.sums.created };
    });
    const start = performance.now();
    let said = start;
    const goOn = () => {
      const now = performance.now();
      if (now - said > 30_000) {
        said = now;
        const { residentMiB } = watch.seen.at(-1)?.value ?? { residentMiB: Number.NaN };
        say(`${((now - start) / 60_000).toFixed(1)} minutes, ${whole(stand.sums.created)} gifts, ${residentMiB} MiB`);
      }
      return now - start < seconds * 1_000;
    };
    await fill(stand, orders, { rows: options.rows, concurrency: options.concurrency, goOn });
    const seen = await watch.stop();
    const samples = seen.map(({ atSeconds, value: { residentMiB, gifts } }) => ({ atSeconds, residentMiB, gifts }));
    const peakMiB = Math.max(0, ...seen.map(({ value }) => value.peakMiB));
    say('auditing');
    const audited = await stand.audit();
    return { figures: figuresOf(options.minutes, samples, peakMiB, stand.sums.created), audited };
  },
  lines,
};

function figuresOf(minutes: number, samples: readonly Sample[], peakMiB: number, gifts: number): SoakFigures {
  const half = samples.filter(({ atSeconds }) => atSeconds >= minutes * 30);
  const tenths = Array.from({ length: 10 }, (_, i) => {
    const within = samples.filter(({ atSeconds }) => Math.floor(atSeconds / (minutes * 6)) === i);
    return slopeOf(within.map((sample) => [sample.atSeconds, sample.gifts]));
  });
  return {
    minutes,
    gifts,
    giftsPerSecond: spreadOf(tenths.filter((speed) => speed > 0)),
    samples,
    mebibytesAMinute: slopeOf(half.map(({ atSeconds, residentMiB }) => [atSeconds / 60, residentMiB])),
    peakMiB,
    bytesAGift: slopeOf(half.map((sample) => [sample.gifts, sample.residentMiB * 2 ** 20])),
  };
}

function lines({ minutes, gifts, giftsPerSecond: speed, samples, mebibytesAMinute, peakMiB, bytesAGift }: SoakFigures) {
  const [first, last] = [samples[0]?.residentMiB ?? 0, samples.at(-1)?.residentMiB ?? 0];
  return [
    `soak        ${minutes} minutes, ${whole(gifts)} gifts, ${whole(speed.median)} gifts/s (${whole(speed.min)} to ${whole(speed.max)} in tenths of the time)`,
    `memory      ${whole(first)} MiB at the start, ${whole(last)} at the end, ${whole(peakMiB)} at most; over the second half ${mebibytesAMinute.toFixed(1)} MiB a minute, ${bytesAGift.toFixed(1)} bytes a gift`,
  ];
}
