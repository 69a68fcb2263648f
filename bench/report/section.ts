/** A section of docs/performance.md and the plots it shows. */
import type { Spread } from '../figures/spread.ts';

export interface Section {
  readonly title: string;
  readonly text: string;
  /** By file name in docs/performance/, without its ending. */
  readonly plots: Readonly<Record<string, string>>;
}

/** Until somebody measures it. */
export function unmeasured(title: string, part: string): Section {
  return { title, text: `Not measured yet: \`npm run bench -- ${part}\`.`, plots: {} };
}

export const image = (name: string, alternative: string) => `![${alternative}](performance/${name}.svg)`;

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The median, and the runs between which it lies. */
export function spread({ median, min, max, runs }: Spread, say: (value: number) => string = whole): string {
  return runs.length === 1 ? say(median) : `${say(median)} (${say(min)} to ${say(max)})`;
}

export const whole = (value: number) => Math.round(value).toLocaleString('en');
export const tenth = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
export const hundredth = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 });
export const milliseconds = (value: number) => `${value < 10 ? tenth(value) : whole(value)} ms`;
