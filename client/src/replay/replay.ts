/** Sends a file of orders: sets up what they need just before them, keeps a few requests under way, counts every answer. */
import { limits, type OrderEventInput } from '../contract/index.ts';
import type { RivuletClient } from '../rivulet-client.ts';
import { type Mapping, MappingFault } from './mapping.ts';
import { isRefusedRow, type OrderInput, ordersBy } from './order-of-row.ts';
import { csvRows, jsonLines } from './read-file.ts';
import { SetUp } from './set-up.ts';
import { Tally } from './tally.ts';

export interface ReplayOptions {
  readonly client: RivuletClient;
  readonly file: string;
  /** Null for NDJSON, which is sent as it is to a marketplace that is already set up. */
  readonly mapping: Mapping | null;
  readonly inFlight?: number;
  /** Events in one request. */
  readonly rows?: number;
  /** Called after each answer. */
  readonly progress?: (tally: Tally) => void;
}

/** Every line of the file is in the tally when this returns. Run again it makes only duplicates. @throws MappingFault, RequestRefused, OutOfReach, LogBroken */
export async function replay(options: ReplayOptions): Promise<Tally> {
  const { client, mapping, inFlight = 3, rows = limits.rows, progress = () => {} } = options;
  const tally = new Tally();
  const events =
    mapping === null ? eventsOf(options.file, tally) : ordersOf(options.file, mapping, client, tally, rows);
  for await (const { answer } of client.sendAllOrders(events, { inFlight, rows })) {
    for (const result of answer.results) tally.take(result);
    progress(tally);
  }
  return tally;
}

async function* eventsOf(file: string, tally: Tally): AsyncGenerator<OrderEventInput> {
  for await (const value of jsonLines(file)) {
    if (value === undefined) tally.refuse({ code: 'not_json' });
    else yield value as OrderEventInput;
  }
}

/** Holds back `rows` orders, makes what they need, lets them go. */
async function* ordersOf(
  file: string,
  mapping: Mapping,
  client: RivuletClient,
  tally: Tally,
  rows: number,
): AsyncGenerator<OrderEventInput> {
  const setUp = new SetUp(client, mapping);
  await setUp.source();
  let held: OrderInput[] = [];
  for await (const order of ordersIn(file, mapping, tally)) {
    held.push(order);
    if (held.length < rows) continue;
    await setUp.ordersOf(held);
    yield* held;
    held = [];
  }
  await setUp.ordersOf(held);
  yield* held;
}

async function* ordersIn(file: string, mapping: Mapping, tally: Tally): AsyncGenerator<OrderInput> {
  let orderOf: ReturnType<typeof ordersBy> | null = null;
  for await (const row of csvRows(file, mapping.delimiter)) {
    if (orderOf === null) {
      orderOf = ordersBy(mapping, row);
      continue;
    }
    const order = orderOf(row);
    if (isRefusedRow(order)) tally.refuse(order);
    else yield order;
  }
  if (orderOf === null) throw new MappingFault('the file is empty / 文件是空的');
}
