/** One row of a CSV file as an order event, or why it is none. */
import type { OrderEventInput } from '../contract/index.ts';
import { minorUnits } from './decimal.ts';
import { timesIn } from './local-time.ts';
import type { Mapping } from './mapping.ts';
import { type Fill, type Row, template } from './template.ts';

export type OrderInput = Extract<OrderEventInput, { type: 'order.completed' }>;
/** Codes of our own where the wire contract cannot even say the value; everything else is left to the server. */
export interface RefusedRow {
  readonly code:
    | 'not_whole_minor_units'
    | 'not_a_whole_number'
    | 'not_a_number'
    | 'empty'
    | 'not_a_time'
    | 'no_such_local_time'
    | 'columns'
    | 'not_json';
  readonly field?: string;
}

/** @param columns the file's header. @throws MappingFault for a column that the file lacks */
export function ordersBy(mapping: Mapping, columns: readonly string[]): (row: Row) => OrderInput | RefusedRow {
  const { order, currency, scale, zone, source } = mapping;
  const fill = (text: string): Fill => template(text, columns);
  const needed = Object.entries({ order: order.order, line: order.line, merchant: order.merchant, item: order.item });
  const ids = needed.map(([field, text]) => [field, fill(text)] as const);
  const buyer = order.buyer === undefined ? null : fill(order.buyer);
  const quantity = fill(order.quantity);
  const money = amounts.flatMap((field) => {
    const said = order[field];
    return said === undefined ? [] : [[field, [said].flat().map(fill)] as const];
  });
  const times = (['placedAt', 'completedAt'] as const).map((field) => [field, fill(order[field])] as const);
  const readTime = timesIn(zone);

  return (row) => {
    if (row.length !== columns.length) return { code: 'columns' };
    const event: Record<string, unknown> = { type: 'order.completed', source: source.source };
    for (const [field, text] of ids) {
      event[field] = text(row);
      if (event[field] === '') return { code: 'empty', field };
    }
    const who = buyer?.(row) ?? '';
    if (who !== '') event.buyer = who;
    const units = minorUnits(quantity(row), 0);
    if (typeof units === 'string')
      return { code: units === 'not_whole' ? 'not_a_whole_number' : units, field: 'quantity' };
    event.quantity = Number(units);
    for (const [field, texts] of money) {
      const sum = added(texts, row, scale);
      if (typeof sum === 'string') return { code: sum === 'not_whole' ? 'not_whole_minor_units' : sum, field };
      // Beyond 2^53 a number is no longer exact, but far above what the server takes: it is refused either way.
      event[field] = Number(sum);
    }
    event.currency = currency;
    for (const [field, text] of times) {
      const read = readTime(text(row));
      if ('fault' in read) return { code: read.fault, field };
      event[field] = read.time;
    }
    return event as OrderInput;
  };
}

const amounts = ['paid', 'shipping', 'tax', 'discount', 'platformDiscount'] as const;

function added(texts: readonly Fill[], row: Row, scale: number): ReturnType<typeof minorUnits> {
  let sum = 0n;
  for (const text of texts) {
    const units = minorUnits(text(row), scale);
    if (typeof units === 'string') return units;
    sum += units;
  }
  return sum;
}

export function isRefusedRow(made: OrderInput | RefusedRow): made is RefusedRow {
  return 'code' in made;
}
