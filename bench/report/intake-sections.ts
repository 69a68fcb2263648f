/** Intake in bulk, beside the peers; where its microseconds and bytes go; one event a request. */
import { type IngestFigures, middleRun } from '../parts/ingest.ts';
import type { PeerFigures } from '../peers/run-peers.ts';
import type { Result, Results } from '../results.ts';
import type { Profile } from './profile.ts';
import { hundredth, image, milliseconds, type Section, spread, table, tenth, unmeasured, whole } from './section.ts';
import { barPlot, stackPlot } from './svg.ts';

const goals = { giftsPerSecond: 100_000, bytes: 300 };

export function bulkSection({ ingest }: Results): Section {
  const title = 'Intake in bulk';
  if (ingest === undefined) return unmeasured(title, 'ingest');
  const { figures, options } = ingest;
  const run = middleRun(figures);
  const text = `${image('ingest', 'gifts a second, beside the peers')}

${table(
  ['', ''],
  [
    ['gifts a second', `**${spread(figures.giftsPerSecond)}** in ${figures.runs.length} runs`],
    [
      `a request of ${whole(options.rows)} events`,
      `p50 ${spread(figures.p50Ms, milliseconds)}, p99 ${spread(figures.p99Ms, milliseconds)}; ${options.concurrency} under way`,
    ],
    [
      'of the events',
      `${percent(run.duplicates, run)} came twice, ${percent(run.returns, run)} were returns, ${percent(run.ignored, run)} made no gift`,
    ],
    [
      'the log',
      `published at most ${hundredth(Math.max(...figures.runs.map(({ secondsBehind }) => secondsBehind)))} s after an answer`,
    ],
    [
      'put off',
      `${whole(figures.runs.reduce((sum, { putOff }) => sum + putOff, 0))} requests (503 or 429), sent again`,
    ],
  ],
)}

Each event is parsed, matched with the pledge in force, checked for having come before, worked out, posted with its positions in both accounts, sealed, written as a log entry, committed with fsync, hashed into
the tree, and answered with a gift code and a signed promise. The load runs on the same two cores.

### Peers

Others do part of that on the same PostgreSQL, with the same settings and the same skew, between our runs.

${table(['peer', 'gifts a second', 'we make times as many'], peerRows(figures))}

What is unlike:

- **One transaction per gift**: unique key, gift row, two balances, commit; no HTTP, no JSON, no split, no returns, no seal, no log. It answers each gift by itself, we a request of many.
- **Set-based SQL**: one function call for 500 transfers; each key once, each balance moved once a call. No HTTP, no JSON, no pledges, no amounts to work out, nothing to answer but a number, no seal, no log, no proof. Its
  keys ascend, which spares its index; ours are hashes. It is what PostgreSQL itself can do with rows of this size, and not a ledger that anyone could check: a transfer does not know its place.
- **The same with positions**: each transfer also knows the totals of both accounts before it, as ours do. The accounts are locked for the whole call, so more connections do not help it.
- Durable at the moment of the answer are all of them.`;
  return { title, text, plots: { ingest: peersPlot(figures) } };
}

const percent = (count: number, run: { gifts: number; duplicates: number; returns: number; ignored: number }) =>
  `${((100 * count) / (run.gifts + run.duplicates + run.returns + run.ignored)).toFixed(1)} %`;

function peerRows({ giftsPerSecond, peers }: IngestFigures): string[][] {
  const { oneByOne, setBased, positional } = peers;
  const row = (name: string, { perSecond, connections }: PeerFigures['best']) => [
    `${name}, ${connections} connection${connections === 1 ? '' : 's'}`,
    spread(perSecond),
    hundredth(giftsPerSecond.median / perSecond.median),
  ];
  return [
    row(oneByOne.name, oneByOne.usual),
    row(`${oneByOne.name}, at its best`, oneByOne.best),
    row(`${setBased.name}, at its best`, setBased.best),
    row(`${positional.name}, at its best`, positional.best),
  ];
}

function peersPlot({ giftsPerSecond, peers }: IngestFigures): string {
  const bar = (label: string, { median: value, min: low, max: high }: IngestFigures['giftsPerSecond']) => ({
    label,
    value,
    low,
    high,
  });
  return barPlot(
    'Gifts made durable in a second',
    'gifts/s; the thin line is from the least to the greatest run',
    [
      { ...bar('Rivulet, over HTTP, with its log', giftsPerSecond), accent: true },
      bar('one transaction per gift', peers.oneByOne.usual.perSecond),
      bar('the same, many connections', peers.oneByOne.best.perSecond),
      bar('set-based SQL, no log', peers.setBased.best.perSecond),
      bar('set-based, with positions', peers.positional.best.perSecond),
    ],
    goals.giftsPerSecond,
  );
}

export function cpuSection({ ingest }: Results, profile: Profile | null): Section {
  const title = 'Where the microseconds of a gift go';
  if (ingest === undefined) return unmeasured(title, 'ingest');
  const { cpu } = middleRun(ingest.figures);
  if (cpu === null) return { title, text: 'Not known on this system: it needs /proc.', plots: {} };
  const threads = Object.entries(cpu.threads).toSorted(([, a], [, b]) => b - a);
  const rest = cpu.server - threads.reduce((sum, [, used]) => sum + used, 0);
  const parts = [
    { label: 'load', value: cpu.client },
    ...threads.map(([name, value]) => ({ label: threadName(name), value })),
    ...(rest >= 0.1 ? [{ label: 'other threads', value: Number(rest.toFixed(1)) }] : []),
    { label: 'PostgreSQL', value: cpu.postgres },
  ];
  const text = `${image('cpu', 'microseconds of processor a gift, by thread and process')}

Of processor, all threads together, in the run in the middle: ${tenth(cpu.all)} µs a gift, so that two cores could make ${whole(2e6 / cpu.all)} a second if they never waited. V8Worker is garbage collection and compiling.

${table(
  ['who', 'µs a gift'],
  parts.map(({ label, value }) => [label, tenth(value)]),
)}

### Step by step

${profileText(profile)}`;
  return { title, text, plots: { cpu: stackPlot('Processor time of one gift', 'microseconds', parts) } };
}

function threadName(name: string): string {
  return name === 'MainThread' ? 'server, main thread' : `server, ${name}`;
}

function profileText(profile: Profile | null): string {
  if (profile === null)
    return 'To be filled from a profile: `bench/results/profile.json`, `{"how":"…","commit":"…","steps":[{"step":"…","where":"…","microseconds":1.2}]}`.';
  const rows = profile.steps.map(({ step, where, microseconds }) => [step, where, tenth(microseconds)]);
  const sum = profile.steps.reduce((all, { microseconds }) => all + microseconds, 0);
  return `${profile.how} (commit ${profile.commit})\n\n${table(['step', 'where', 'µs a gift'], [...rows, ['together', '', tenth(sum)]])}`;
}

export function bytesSection({ ingest }: Results): Section {
  const title = 'Bytes a gift';
  if (ingest === undefined) return unmeasured(title, 'ingest');
  const { bytes, bytesIn, bytesOut } = middleRun(ingest.figures);
  const parts = [
    { label: 'heap', value: bytes.heap },
    { label: 'indexes', value: bytes.indexes },
    { label: 'private rows', value: bytes.privateRows },
    { label: 'log', value: bytes.log },
  ];
  const tables = Object.entries(bytes.tables).toSorted(([, a], [, b]) => b - a);
  const text = `${image('bytes', 'bytes a gift in four parts')}

What tables, indexes and log files grew by, shared among the gifts of the run: ${bytes.total} bytes. Private rows (openings and persons, with their indexes) can be erased. For a time there are ${bytes.batches} bytes of batches, until they are
integrated, and ${bytes.wal} of write-ahead log. Over the network an event is ${bytesIn} bytes in and ${bytesOut} out.

${table(
  ['table, with its indexes', 'bytes a gift'],
  tables.map(([name, value]) => [`\`${name}\``, whole(value)]),
)}`;
  return { title, text, plots: { bytes: stackPlot('What a gift takes on disk', 'bytes', parts, goals.bytes) } };
}

export function singleSection({ single }: Results): Section {
  const title = 'One event a request';
  if (single === undefined) return unmeasured(title, 'single');
  const { figures } = single;
  const shares = [...new Set(figures.open.map(({ share }) => share))];
  const middle = (share: number) => {
    const runs = figures.open.filter((run) => run.share === share).toSorted((a, b) => a.p99Ms - b.p99Ms);
    return runs[(runs.length - 1) >> 1] as (typeof runs)[0];
  };
  const bars = shares.flatMap((share) => [
    { label: `p50 at ${share * 100} %`, value: middle(share).p50Ms },
    { label: `p99 at ${share * 100} %`, value: middle(share).p99Ms, accent: true },
  ]);
  const text = `${image('single', 'latency of one-event requests at moderate load')}

In a closed loop, ${figures.concurrency} at a time: **${spread(figures.requestsPerSecond)} requests a second**, each committed and answered by itself.

How long a buyer's shop waits is another question, answered by an open loop: the arrivals are fixed beforehand (Poisson), and a request's time counts from when it was *due*, so that a stall is charged to everybody who came meanwhile
(no coordinated omission). A timer counts whole milliseconds, so up to one of them is ours.

${table(
  ['load', 'requests a second', 'p50', 'p99', 'most', 'refused'],
  figures.open.map(({ share, offeredPerSecond, p50Ms, p99Ms, maxMs, refused }) => [
    `${share * 100} %`,
    whole(offeredPerSecond),
    milliseconds(p50Ms),
    milliseconds(p99Ms),
    milliseconds(maxMs),
    whole(refused),
  ]),
)}`;
  return { title, text, plots: { single: barPlot('A request of one event, from when it was due', 'ms', bars) } };
}

export function goalRows({ ingest }: { readonly ingest?: Result<'ingest'> }): string[][] {
  if (ingest === undefined) return [];
  const { giftsPerSecond, bytesPerGift, peers } = ingest.figures;
  const against = ({ best }: PeerFigures) => hundredth(giftsPerSecond.median / best.perSecond.median);
  const { median } = peers.oneByOne.usual.perSecond;
  return [
    ['gifts a second over HTTP, two cores, load included', whole(goals.giftsPerSecond), spread(giftsPerSecond)],
    [
      'times one transaction per gift',
      '60',
      `${hundredth(giftsPerSecond.median / median)} (${against(peers.oneByOne)} times it with many connections)`,
    ],
    ['times a set-based SQL ledger', '20', `${against(peers.setBased)} (${against(peers.positional)} with positions)`],
    ['bytes a gift', `≤ ${goals.bytes}`, spread(bytesPerGift)],
  ];
}
