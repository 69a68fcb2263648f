/** What a run of the bench is asked for. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Market } from './load/market.ts';

/** In the order in which they run. */
export const partNames = ['ingest', 'single', 'sparse', 'overload', 'audit', 'stream', 'growth', 'soak'] as const;
/** Only when they are asked for. */
const longOnly: ReadonlySet<string> = new Set(['soak']);
export type PartName = (typeof partNames)[number];

export interface BenchOptions {
  /** What is measured so many times, for the spread. */
  readonly runs: number;
  /** A run ends after so long, whether or not all events are sent. */
  readonly seconds: number;
  /** Of one run in bulk. */
  readonly events: number;
  /** Bulk requests under way at once. */
  readonly concurrency: number;
  /** Events in one bulk request. */
  readonly rows: number;
  readonly seed: number;
  readonly market: Market['name'];
  /** Rows in the books at which growth is measured. */
  readonly rowsAt: readonly number[];
  /** Listeners of the stream of totals. */
  readonly clients: number;
  /** Of the soak. */
  readonly minutes: number;
}

export interface Asked {
  readonly parts: readonly PartName[];
  readonly options: BenchOptions;
  /** Where results are written, and read for the report. */
  readonly results: string;
  /** Only docs/performance.md is to be made. */
  readonly report: boolean;
}

const defaults = {
  runs: '3',
  seconds: '20',
  events: '600000',
  concurrency: '6',
  rows: '5000',
  seed: '1',
  clients: '10000',
  minutes: '12',
};
type NumberName = keyof typeof defaults;

/** @throws Error that names what is wrong */
export function readOptions(args: readonly string[]): Asked {
  const named = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }] as const);
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...(Object.fromEntries(named) as Record<NumberName, { type: 'string'; default: string }>),
      market: { type: 'string' },
      'rows-at': { type: 'string' },
      results: { type: 'string', default: join(import.meta.dirname, 'results') },
      long: { type: 'boolean', default: false },
    },
  });
  const number = (name: NumberName, most: number, least = 1) => {
    const value = Number(values[name]);
    if (!(value >= least && value <= most) || (least === 1 && !Number.isInteger(value)))
      throw new Error(`--${name} is ${least} to ${most}`);
    return value;
  };
  const events = number('events', 20_000_000);
  const parts = partsOf(positionals, values.long);
  // By itself, growth goes all the way; among all parts only as far as a run of minutes allows.
  const far = values.long || positionals.includes('growth');
  return {
    parts,
    report: positionals.includes('report'),
    results: values.results,
    options: {
      runs: number('runs', 100),
      seconds: number('seconds', 3_600),
      events,
      concurrency: number('concurrency', 1_000),
      rows: number('rows', 10_000),
      seed: number('seed', 2 ** 31),
      market: marketName(values.market ?? (values.long ? 'full' : 'small')),
      rowsAt: rowsAt(values['rows-at'] ?? (far ? '1,10,50' : `${(2 * events) / 1e6},${(5 * events) / 1e6}`)),
      clients: number('clients', 20_000),
      minutes: number('minutes', 1_440, 0.05),
    },
  };
}

/** Without a name all but the soak, which is part of the long form. */
function partsOf(positionals: readonly string[], long: boolean): PartName[] {
  const asked = positionals.filter((name) => name !== 'report');
  const unknown = asked.find((name) => !partNames.includes(name as PartName));
  if (unknown !== undefined) throw new Error(`no part ${unknown}; there are ${partNames.join(', ')}, and report`);
  if (positionals.length > 0) return partNames.filter((name) => asked.includes(name));
  return partNames.filter((name) => long || !longOnly.has(name));
}

function marketName(name: string): Market['name'] {
  if (name === 'small' || name === 'full') return name;
  throw new Error('--market is small or full');
}

/** @param text millions, ascending, with commas between */
function rowsAt(text: string): number[] {
  const rows = text.split(',').map((millions) => Math.round(Number(millions) * 1e6));
  if (rows.every((count, i) => count > (rows[i - 1] ?? 0) && count <= 2e9)) return rows;
  throw new Error('--rows-at is numbers of millions, ascending, with commas between');
}
