/** The table at the end. */
import type { Money, Tally } from './tally.ts';
import type { Words } from './words.ts';

/** @param scales digits after the point by currency; 2 where unknown */
export function tableOf(tally: Tally, seconds: number, words: Words, scales: ReadonlyMap<string, number>): string {
  const rows: [string, string, string][] = [[words.lines, grouped(tally.read), '']];
  const { created, duplicate, ignored, refused } = tally.lines;
  const money = (name: string, lines: number, sums: Map<string, Money>) => {
    rows.push([name, grouped(lines), '']);
    for (const [currency, sum] of sums)
      rows.push([`  ${currency}`, grouped(sum.lines), amount(sum.minor, scales.get(currency) ?? 2)]);
  };
  money(words.created, created, tally.created);
  money(words.duplicate, duplicate, tally.duplicate);
  if (tally.returns > 0) rows.push([words.returned, grouped(tally.returns), amount(tally.returnsMinor, 2)]);
  const reasons = (name: string, lines: number, by: Map<string, number>) => {
    rows.push([name, grouped(lines), '']);
    for (const [reason, count] of [...by].sort(([, a], [, b]) => b - a)) rows.push([`  ${reason}`, grouped(count), '']);
  };
  reasons(words.ignored, ignored, tally.ignored);
  reasons(words.refused, refused, tally.refused);
  rows.push([words.seconds, seconds.toFixed(1), '']);
  const unsent = [...tally.refused.keys()].some((reason) => reason.endsWith('*')) ? `\n${words.unsent}` : '';
  return aligned(rows) + unsent;
}

/** `1234567` as `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}

/** Minor units as a decimal: 1234n at scale 2 is `12.34`. */
export function amount(minor: bigint, scale: number): string {
  const digits = minor.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale).replace(/\B(?=(\d{3})+$)/g, ',');
  return scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`;
}

function aligned(rows: readonly (readonly [string, string, string])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => wide(row[column] as string))));
  const line = ([name, count, sum]: readonly [string, string, string]) =>
    `${name}${' '.repeat((widths[0] as number) - wide(name))}  ${count.padStart(widths[1] as number)}  ${sum.padStart(widths[2] as number)}`.trimEnd();
  return rows.map(line).join('\n');
}

/** Columns of a terminal: Chinese characters take two. */
function wide(text: string): number {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) >= 0x2e80 ? 2 : 1;
  return columns;
}
