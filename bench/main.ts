/** `npm run bench`: a server of its own for each part, load over HTTP, and an audit without which no figure is printed. */
import { join } from 'node:path';
import type { Environment } from './machine/environment.ts';
import { type Asked, type PartName, readOptions } from './options.ts';
import { allParts, type Figures } from './parts/all-parts.ts';
import type { Part } from './parts/part.ts';
import { writeReport } from './report/write-report.ts';
import { type Result, type Results, writeResult } from './results.ts';
import { AuditFailed } from './stand/audits.ts';
import { Stand } from './stand/stand.ts';
import { summary } from './summary.ts';

const docs = join(import.meta.dirname, '../docs');
const say = (text: string) => console.error(`bench: ${text}`);

async function run(args: readonly string[]): Promise<boolean> {
  const asked = readOptions(args);
  const results: Record<string, Result> = {};
  for (const name of asked.parts) {
    try {
      const result = await runPart(name, asked, `npm run bench -- ${args.join(' ')}`.trimEnd());
      results[name] = result;
      await writeResult(asked.results, result);
    } catch (error) {
      if (!(error instanceof AuditFailed)) throw error;
      console.log(`${name}: no figures\n${error.message}`);
      console.log(summary({}, false));
      return false;
    }
  }
  if (asked.report) {
    await writeReport(asked.results, docs);
    say(`wrote ${docs}/performance.md`);
  }
  if (asked.parts.length > 0) console.log(summary(results as Results, true));
  return true;
}

async function runPart<Name extends PartName>(name: Name, { options }: Asked, command: string): Promise<Result<Name>> {
  const part: Part<Figures[Name]> = allParts[name];
  say(`${name}: starting a server`);
  const stand = await Stand.open();
  const stop = () => void stand.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    const environment = await stand.describe();
    const { figures, audited } = await part.run({ options, stand, say: (text) => say(`${name}: ${text}`) });
    console.log(`${[`\n${name}`, ...part.lines(figures), ...audited.map((line) => `audit       ${line}`)].join('\n')}`);
    console.log(where(environment));
    return { part: name, command, options, environment, audited, figures };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    await stand.close();
  }
}

function where({ machine, diskSyncMs, loadAverage, commit, node, postgres, settings }: Environment): string {
  const set = Object.entries(settings).map(([name, setting]) => `${name}=${setting}`);
  return [
    `machine     ${machine}; disk sync ${diskSyncMs} ms; load average before ${loadAverage}`,
    `software    commit ${commit}, Node ${node}, PostgreSQL ${postgres}`,
    `PostgreSQL  ${set.join(' ')}`,
  ].join('\n');
}

process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
