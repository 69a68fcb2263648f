/** Text with `{column}` in it, made ready once and filled for each row. */
import { MappingFault } from './mapping.ts';

export type Row = readonly string[];
export type Fill = (row: Row) => string;

/** A filled template whose columns are all empty in this row is empty, whatever text stands around them. @throws MappingFault for a column that the file lacks */
export function template(text: string, columns: readonly string[]): Fill {
  const parts = text.split(/\{([^{}]*)\}/);
  const places = parts.map((part, i) => {
    if (i % 2 === 0) return -1;
    const at = columns.indexOf(part);
    if (at < 0) throw new MappingFault(`{${part}}: no such column / 没有此列 (${columns.join(', ')})`);
    return at;
  });
  if (parts.length === 3 && parts[0] === '' && parts[2] === '') {
    const at = places[1] as number;
    return (row) => row[at] ?? '';
  }
  const named = places.filter((at) => at >= 0);
  return (row) => {
    if (named.length > 0 && named.every((at) => (row[at] ?? '') === '')) return '';
    return parts.map((part, i) => (i % 2 === 0 ? part : (row[places[i] as number] ?? ''))).join('');
  };
}
