/** How it behaves: a market of real size, overload, growth, hours. */
import type { Results } from '../results.ts';
import { hundredth, image, milliseconds, type Section, spread, table, tenth, unmeasured, whole } from './section.ts';
import { barPlot, linePlot } from './svg.ts';

export function sparseSection({ sparse }: Results): Section {
  const title = 'A marketplace that sends everything';
  if (sparse === undefined) return unmeasured(title, 'sparse --market full');
  const { market, setUp, residentMiB, pledged, sparse: sparsely } = sparse.figures;
  const text = `${whole(market.projects)} projects, ${whole(market.merchants)} merchants and ${whole(market.items)} pledged items, set up through the API in ${tenth(setUp.seconds)} s (${whole(setUp.rows / setUp.seconds)} rows a second)${residentMiB === null ? '' : `; the server then holds ${whole(residentMiB)} MiB`}.
Merchants, items and projects are drawn by Zipf.

${table(
  ['lines', 'lines a second', 'gifts a second', 'a request, p99', 'µs a line'],
  [pledged, sparsely].map(({ unpledged, linesPerSecond, giftsPerSecond, p99Ms, cpu }) => [
    unpledged === 0 ? 'all carry a pledge' : `${unpledged * 100} % carry none`,
    spread(linesPerSecond),
    spread(giftsPerSecond),
    spread(p99Ms, milliseconds),
    cpu === null ? 'not known' : tenth(cpu.all),
  ]),
)}`;
  return { title, text, plots: {} };
}

export function overloadSection({ overload }: Results): Section {
  const title = 'Overload';
  if (overload === undefined) return unmeasured(title, 'overload');
  const { factor, runs, backToNormalSeconds } = overload.figures;
  const over = (figure: (run: (typeof runs)[0]) => string) => runs.map(figure);
  const text = `${factor} times what it had just taken, in an open loop. What was refused is sent again afterwards until it is taken, then everything once more: each of ${whole(runs.reduce((sum, { gifts }) => sum + gifts, 0))} gifts is in the books once, all that was sent again
were duplicates, and the audit passed after each run. It was itself again **${spread(backToNormalSeconds, tenth)} s** after the load ended: from then on a request of one event was taken, in no more than twice the time of the slowest before (ten probes a second).

${table(
  ['', ...runs.map((_, i) => `run ${i + 1}`)],
  [
    ['events a second before', ...over((run) => whole(run.eventsPerSecond))],
    ['offered a second', ...over((run) => `${whole(run.offeredPerSecond)} for ${tenth(run.seconds)} s`)],
    ['taken a second meanwhile', ...over((run) => whole(run.takenPerSecond))],
    ['requests acknowledged', ...over((run) => `${whole(run.acknowledged)} of ${whole(run.requests)}`)],
    ['answered 503 with Retry-After', ...over((run) => whole(run.refused))],
    ['answered otherwise', ...over((run) => whole(run.unclean))],
    ['events that waited, at most', ...over((run) => whole(run.mostWaiting))],
    [
      'memory before, at most, after',
      ...over(({ memoryMiB: { before, peak, after } }) => `${whole(before)}, ${whole(peak)}, ${whole(after)} MiB`),
    ],
    [
      'one event, p50, before, during, after',
      ...over(({ probeP50Ms: { before, during, after } }) => [before, during, after].map(milliseconds).join(', ')),
    ],
  ],
)}`;
  return { title, text, plots: {} };
}

export function growthSection({ growth }: Results): Section {
  const title = 'Growth';
  if (growth === undefined) return unmeasured(title, 'growth');
  const { marks, lastToFirst, startSeconds, stopSeconds, memory } = growth.figures;
  const points = marks.map(({ gifts, giftsPerSecond }) => [gifts / 1e6, giftsPerSecond.median] as const);
  const gibibytes = (bytes: number) => `${hundredth(bytes / 2 ** 30)} GiB`;
  const text = `${image('growth', 'gifts a second as the books grow')}

The same run, the same books, filled through the API. At the last mark it makes **${hundredth(lastToFirst)}** of what it made at the first (goal 0.8). A start with all of it on disk takes **${tenth(startSeconds)} s** until healthy, PostgreSQL
included, and the server then holds ${memory === null ? 'an unknown amount' : `${whole(memory.residentMiB)} MiB`}; a stop takes ${tenth(stopSeconds)} s.

${table(
  ['gifts in the books', 'gifts a second', 'a request, p99', 'database', 'log', 'server'],
  marks.map((mark) => [
    whole(mark.gifts),
    spread(mark.giftsPerSecond),
    spread(mark.p99Ms, milliseconds),
    gibibytes(mark.databaseBytes),
    gibibytes(mark.logBytes),
    mark.memory === null ? 'not known' : `${whole(mark.memory.residentMiB)} MiB`,
  ]),
)}`;
  const plot = linePlot('Gifts a second as the books grow', 'gifts/s', 'million gifts in the books', { points }, true);
  return { title, text, plots: { growth: plot } };
}

export function soakSection({ soak }: Results): Section {
  const title = 'Under full load, minute after minute';
  if (soak === undefined) return unmeasured(title, 'soak');
  const { minutes, gifts, giftsPerSecond, samples, mebibytesAMinute, peakMiB, bytesAGift } = soak.figures;
  const points = samples.map(({ atSeconds, residentMiB }) => [atSeconds / 60, residentMiB] as const);
  const text = `${image('soak', 'memory of the server over the soak')}

${tenth(minutes)} minutes at full load: ${whole(gifts)} gifts, ${spread(giftsPerSecond)} a second in each tenth of the time. The server held ${whole(peakMiB)} MiB at most; over the second half its memory grew by ${tenth(mebibytesAMinute)} MiB a minute,
${tenth(bytesAGift)} bytes a gift.`;
  return { title, text, plots: { soak: linePlot('Memory of the server', 'MiB', 'minutes', { points }) } };
}

export function auditSection({ audit }: Results): Section {
  const title = 'Checking';
  if (audit === undefined) return unmeasured(title, 'audit');
  const { entries, folder, http, proofs, trace } = audit.figures;
  const bar = (label: string, { median: value, min: low, max: high }: typeof folder) => ({ label, value, low, high });
  const bars = [
    { ...bar('rivulet-verify, from a folder', folder), accent: true },
    { ...bar('rivulet-verify, over HTTP', http), accent: true },
  ];
  const text = `${image('audit', 'entries audited in a second')}

\`rivulet-verify audit\` rebuilds the whole tree, checks the signatures and replays every position, account and total; here over ${whole(entries)} entries.

${table(
  ['', ''],
  [
    ['audit of a folder', `${spread(folder)} entries a second (goal 250,000)`],
    ['audit over HTTP, server on the same cores', `${spread(http)} entries a second`],
    [
      'a gift proof, checked',
      `p50 ${milliseconds(proofs.check.p50Ms)}, p99 ${milliseconds(proofs.check.p99Ms)} (goal 5 ms); ${whole(proofs.bytes)} bytes`,
    ],
    [
      'proofs made by the server',
      `${spread(proofs.madePerSecond)} a second, p99 ${milliseconds(proofs.request.p99Ms)}`,
    ],
    ...trace.map(({ pairs, ms }) => [
      `a unit followed behind ${whole(pairs)} sales that were returned`,
      milliseconds(ms),
    ]),
  ],
)}`;
  return { title, text, plots: { audit: barPlot('Entries audited', 'entries/s', bars, 250_000) } };
}

export function streamSection({ stream }: Results): Section {
  const title = 'Readers';
  if (stream === undefined) return unmeasured(title, 'stream');
  const { listeners, openSeconds, runs, p99Ms, tiles } = stream.figures;
  const percent = (value: number | null) => (value === null ? 'not known' : `${whole(value)} %`);
  const text = `**Totals**, an update a second to ${whole(listeners)} listeners of one process (they came within ${tenth(openSeconds)} s): p99 of delivery ${spread(p99Ms, milliseconds)} (goal 500 ms). The time counts from when the first of all listeners had an
update to when each of the others had read it, in one process beside the server.

${table(
  ['updates', 'deliveries', 'lost', 'p50', 'p99', 'most', 'server, of a core', 'main thread'],
  runs.map((run) => [
    whole(run.updates),
    whole(run.deliveries),
    whole(run.lost),
    milliseconds(run.p50Ms),
    milliseconds(run.p99Ms),
    milliseconds(run.maxMs),
    percent(run.serverPercent),
    percent(run.mainThreadPercent),
  ]),
)}

**Tiles**, drawn evenly from a whole log over keep-alive connections, without a proxy in front; the server keeps the 64 MiB asked for last, and this log fits (goal 5,000 a second):

${table(
  ['', 'requests a second', 'MiB a second', 'p99', 'µs each in the server'],
  tiles.map(({ what, requestsPerSecond, mebibytesPerSecond, request, cpuMicroseconds }) => [
    what,
    spread(requestsPerSecond),
    whole(mebibytesPerSecond),
    milliseconds(request.p99Ms),
    cpuMicroseconds === null ? 'not known' : whole(cpuMicroseconds),
  ]),
)}`;
  return { title, text, plots: {} };
}
