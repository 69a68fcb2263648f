/** Makes docs/performance.md and its plots of the results: nothing in it is written by hand. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partNames } from '../options.ts';
import { type Result, type Results, readResults } from '../results.ts';
import {
  auditSection,
  growthSection,
  overloadSection,
  soakSection,
  sparseSection,
  streamSection,
} from './behaviour-sections.ts';
import { bulkSection, bytesSection, cpuSection, goalRows, singleSection } from './intake-sections.ts';
import { modelSection } from './model-section.ts';
import { type Profile, readProfile } from './profile.ts';
import { hundredth, type Section, spread, table, tenth, whole } from './section.ts';

/** @param results folder of the files @param docs folder in which performance.md and performance/ are written */
export async function writeReport(results: string, docs: string): Promise<void> {
  const found = await readResults(results, partNames);
  const { page, plots } = makeReport(found, await readProfile(results));
  const folder = join(docs, 'performance');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, svg] of Object.entries(plots)) await writeFile(join(folder, `${name}.svg`), svg);
  await writeFile(join(docs, 'performance.md'), page);
}

export function makeReport(results: Results, profile: Profile | null): { page: string; plots: Record<string, string> } {
  const sections: Section[] = [
    bulkSection(results),
    cpuSection(results, profile),
    bytesSection(results),
    singleSection(results),
    sparseSection(results),
    overloadSection(results),
    growthSection(results),
    soakSection(results),
    auditSection(results),
    streamSection(results),
    modelSection(results),
  ];
  const page = [
    '# Performance',
    'Made by `npm run bench -- report` from [bench/results](../bench/results); not edited by hand. How each thing is measured: [bench/README.md](../bench/README.md). Every run ended with the audit of its books: the sum of all answers is the public total, `rivulet-verify audit` passes on the log and `rivulet audit` on the database. A figure whose audit fails is not printed.',
    `## In short\n\n${inShort(results)}`,
    `## Where and with what\n\n${whereAndWithWhat(results)}`,
    ...sections.map(({ title, text }) => `## ${title}\n\n${text}`),
    `## Measure it again\n\n    npm run bench                # all parts in their short form, about a quarter of an hour\n    npm run bench -- --long      # as here: 50 million gifts, the market of real size, the soak\n    npm run bench -- report      # this page\n`,
  ].join('\n\n');
  return { page, plots: Object.assign({}, ...sections.map(({ plots }) => plots)) };
}

function inShort(results: Results): string {
  const { single, sparse, overload, growth, audit, stream } = results;
  const rows = [
    ...goalRows(results),
    ...(single
      ? [['one event a request, p99 at 30 % load', '', spread(single.figures.p99Ms, (value) => `${tenth(value)} ms`)]]
      : []),
    ...(sparse
      ? [['lines a second, 95 % of them without a pledge', '', spread(sparse.figures.sparse.linesPerSecond)]]
      : []),
    ...(growth
      ? [
          [
            'last to first, as the books grow',
            '≥ 0.8',
            `${hundredth(growth.figures.lastToFirst)} at ${tenth((growth.figures.marks.at(-1)?.gifts ?? 0) / 1e6)} million gifts`,
          ],
        ]
      : []),
    ...(overload
      ? [
          [
            'back to normal after 5 times the load',
            'seconds',
            `${spread(overload.figures.backToNormalSeconds, tenth)} s, nothing lost`,
          ],
        ]
      : []),
    ...(audit
      ? [
          ['audit, entries a second', '≥ 250,000', spread(audit.figures.folder)],
          ['a proof checked', '< 5 ms', `${tenth(audit.figures.proofs.check.p50Ms)} ms`],
        ]
      : []),
    ...(stream
      ? [
          [
            `totals to ${whole(stream.figures.listeners)} listeners, p99 of delivery`,
            '< 500 ms',
            spread(stream.figures.p99Ms, (value) => `${whole(value)} ms`),
          ],
          ...stream.figures.tiles.map(({ what, requestsPerSecond }) => [
            `${what} a second`,
            '≥ 5,000',
            spread(requestsPerSecond),
          ]),
        ]
      : []),
  ];
  return `${table(['', 'goal', 'measured: median (least to greatest)'], rows)}`;
}

function whereAndWithWhat(results: Results): string {
  const measured = Object.values(results) as Result[];
  const first = measured[0];
  if (first === undefined) return 'Nothing is measured yet.';
  const { machine, system, node, postgres, settings } = first.environment;
  const rows = measured.map(({ part, command, environment, options }) => [
    part,
    `\`${command}\``,
    environment.commit,
    environment.date,
    `${environment.diskSyncMs} ms`,
    String(environment.loadAverage),
    String(options.seed),
  ]);
  const set = Object.entries(settings).map(([name, setting]) => `\`${name} = ${setting}\``);
  return `${machine}; ${system}; Node ${node}; PostgreSQL ${postgres}, embedded, with ${set.join(', ')}. Load and server share the machine.

${table(['part', 'command', 'commit', 'date', 'disk sync', 'load average before', 'seed'], rows)}`;
}
