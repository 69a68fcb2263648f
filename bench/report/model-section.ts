/** The model on paper, with its arithmetic in view. */
import { middleRun } from '../parts/ingest.ts';
import type { Results } from '../results.ts';
import { assumed, type Measured, type Model, modelOf } from './model.ts';
import { hundredth, type Section, table, tenth, unmeasured, whole } from './section.ts';

export function modelSection(results: Results): Section {
  const title = 'A model on paper: the original platform';
  const measured = measuredOf(results);
  if (measured === null) return unmeasured(title, 'ingest');
  const model = modelOf(measured);
  const text = `The original platform made 42 billion gifts in six years and took 583,000 orders a second at its best peak. What would ${whole(assumed.giftsPerYear / 1e9)} billion gifts a year with that peak take? Nobody has run this: it is arithmetic from the figures above.

Assumed, and open to argument: every order of the peak makes one gift, at once (in truth orders complete over days, and most lines carry no pledge); a book is used to ${assumed.utilisation * 100} % of what it was measured at, each on a machine as
here, with a standby beside it; a machine rents for ${whole(assumed.machineDollarsPerYear)} US dollars a year, a gigabyte of SSD for ${assumed.gigabyteDollarsPerYear}; the load costs what the network would.

${table(['question', 'arithmetic', 'answer'], rowsOf(measured, model))}

### What breaks first

Of one book, in the order in which it gives way:

${table(['part', 'gives way at', 'arithmetic'], limitRows(model))}

The peak decides the number of books, not the year: the mean is ${whole(model.meanPerSecond)} gifts a second, which one book takes. ${indexSentence(measured, model)} A single merchant or project, however hot, is no limit: balances move once a batch, not once a gift.
What does not divide by books is the auditor: one who wants all of a year from its first entry reads ${whole(model.books)} logs, which may be read side by side.`;
  return { title, text, plots: {} };
}

function measuredOf({ ingest, audit }: Results): Measured | null {
  if (ingest === undefined) return null;
  const { bytes, bytesIn, bytesOut, cpu } = middleRun(ingest.figures);
  return {
    giftsPerSecond: Math.round(ingest.figures.giftsPerSecond.median),
    heap: bytes.heap,
    indexes: bytes.indexes,
    privateRows: bytes.privateRows,
    log: bytes.log,
    wal: bytes.wal,
    bytesIn,
    bytesOut,
    mainThread: cpu?.threads.MainThread ?? null,
    auditPerSecond: audit === undefined ? null : Math.round(audit.figures.http.median),
  };
}

function rowsOf(measured: Measured, model: Model): string[][] {
  const { giftsPerSecond: speed, heap, indexes, privateRows, log, bytesIn, bytesOut, auditPerSecond } = measured;
  const bytes = whole(model.bytesAGift);
  return [
    [
      'books',
      `${whole(assumed.ordersPerSecond)} / (${whole(speed)} × ${assumed.utilisation})`,
      `**${whole(model.books)}**`,
    ],
    ['machines', `${whole(model.books)} × ${assumed.copies}`, `**${whole(model.machines)}**`],
    [
      'mean over the year',
      `${whole(assumed.giftsPerYear)} / ${whole(assumed.secondsPerYear)} s`,
      `${whole(model.meanPerSecond)} gifts a second, ${tenth(model.meanPerSecond / model.books)} a book`,
    ],
    ['bytes a gift', `${heap} heap + ${indexes} indexes + ${privateRows} private + ${log} log`, bytes],
    [
      'bytes a year',
      `${whole(assumed.giftsPerYear)} × ${bytes}`,
      `**${tenth(model.terabytesAYear)} TB**, ${hundredth(model.terabytesABook)} TB a book`,
    ],
    [
      'network at peak',
      `${whole(assumed.ordersPerSecond)} × (${bytesIn} + ${bytesOut}) bytes`,
      `${whole(model.networkAtPeak / 1e6)} MB a second, ${whole(model.networkABook / 1e6)} a book`,
    ],
    [
      'money a year',
      `${whole(model.machines)} × ${whole(assumed.machineDollarsPerYear)} + ${assumed.copies} × ${whole(model.terabytesAYear * 1_000)} GB × ${assumed.gigabyteDollarsPerYear}`,
      `${whole(model.dollarsAYear)} US dollars`,
    ],
    [
      'money a gift',
      `${whole(model.dollarsAYear)} / ${whole(assumed.giftsPerYear)}`,
      `**${hundredth(model.dollarsAMillionGifts)} US dollars a million gifts**`,
    ],
    [
      'an audit of the year',
      `${whole(assumed.giftsPerYear)} / ${auditPerSecond === null ? '?' : whole(auditPerSecond)} a second`,
      model.auditHours === null
        ? 'not measured'
        : `${tenth(model.auditHours)} hours one after another, ${tenth(model.auditHours / model.books)} side by side`,
    ],
  ];
}

function limitRows({ limits }: Model): string[][] {
  return limits.map(({ part, giftsPerSecond, gifts, arithmetic }) => [
    part,
    giftsPerSecond === null ? `${whole((gifts ?? 0) / 1e6)} million gifts` : `${whole(giftsPerSecond)} gifts a second`,
    arithmetic,
  ]);
}

function indexSentence({ indexes }: Measured, { limits, books }: Model): string {
  const gifts = limits.find((limit) => limit.gifts !== null)?.gifts ?? 0;
  const years = gifts / (assumed.giftsPerYear / books);
  return `With time it is the indexes: at ${indexes} bytes a gift they outgrow ${assumed.cacheBytes / 2 ** 30} GiB in ${tenth(years)} years of such a book's share; then a book is closed and another begun.`;
}
