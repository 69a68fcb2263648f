/** A query's values written into its text, for scripts: a simple query of several statements takes no parameters. */
import { escapeLiteral } from 'pg';

export type Value = number | string | Date | Uint8Array | null | readonly (number | string)[];

/** `text` with `$1`, `$2` … replaced by `values`. Strings and lists become literals of unknown type, as parameters are. */
export function inlined(text: string, values: readonly Value[]): string {
  return text.replace(/\$(\d+)/g, (_, place: string) => literal(values[Number(place) - 1] ?? null));
}

function literal(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeLiteral(value);
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`;
  return escapeLiteral(`{${value.map(element).join()}}`);
}

/** An element of an array in PostgreSQL's text form. */
function element(value: number | string): string {
  return typeof value === 'number' ? String(value) : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
