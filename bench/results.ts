/** Results of runs as files, one for each part: what was asked, where, and what came out. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './machine/environment.ts';
import type { BenchOptions, PartName } from './options.ts';
import type { Figures } from './parts/all-parts.ts';

export interface Result<Name extends PartName = PartName> {
  readonly part: Name;
  /** As it was typed. */
  readonly command: string;
  readonly options: BenchOptions;
  readonly environment: Environment;
  /** What passed, a line each. Without it there would be no result. */
  readonly audited: readonly string[];
  readonly figures: Figures[Name];
}

export type Results = { readonly [Name in PartName]?: Result<Name> };

export async function writeResult(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${result.part}.json`), `${JSON.stringify(result, rounded, 1)}\n`);
}

/** Five digits are more than any run repeats. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

/** Those that are there. */
export async function readResults(folder: string, names: readonly PartName[]): Promise<Results> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => null);
    if (text !== null) found[name] = JSON.parse(text);
  }
  return found as Results;
}
