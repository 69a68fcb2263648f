/** Puts a fictional market into a server, through the API like any other, with progress for the large one. */
import type { RivuletClient } from '@rivulet/client';
import type { ItemRow, PledgeInput } from '@rivulet/client/contract';
import { itemId, type Market, merchantId, source } from './market.ts';
import { type Chance, zipf } from './skew.ts';

/** Rows in one request: as many as the contract takes. */
const rows = 10_000;

export interface SetUp {
  readonly seconds: number;
  /** Rows of every kind together. */
  readonly rows: number;
}

/** Projects are hot as merchants are: each merchant gives to one drawn by Zipf, one in ten splits over three. */
export async function setUpMarket(
  client: RivuletClient,
  market: Market,
  chance: Chance,
  say: (text: string) => void,
): Promise<SetUp> {
  const start = performance.now();
  await client.putSource(source, {
    name: { en: 'Bench market', zh: '压测市场' },
    zone: 'Asia/Shanghai',
    currencies: ['CNY'],
  });
  const project = zipf(market.projects, 1.1, chance);
  const put = { done: 0, rows: market.projects + 2 * market.merchants + market.items };
  const progress = progressOf(put, say);
  await inRequests(numbers(market.projects, recipient), (some) => client.putRecipients(some), progress);
  await inRequests(numbers(market.merchants, merchant), (some) => client.putMerchants(source, some), progress);
  const pledges = numbers(market.merchants, (i) => pledge(i, project));
  await inRequests(pledges, (some) => client.putPledges(source, some), progress);
  await inRequests(items(market), (some) => client.putItems(source, some), progress);
  return { seconds: (performance.now() - start) / 1_000, rows: put.rows };
}

function* numbers<T>(count: number, make: (i: number) => T): Generator<T> {
  for (let i = 0; i < count; i += 1) yield make(i);
}

function* items(market: Market): Generator<ItemRow> {
  for (let of = 0; of < market.merchants; of += 1)
    for (let i = 0; i < market.itemsOf(of); i += 1)
      yield { merchant: merchantId(of), item: itemId(of, i), pledge: `p-${of}`, startsAt: '2026-01-01' };
}

interface Answer {
  readonly results: readonly { outcome: string; error?: { code: string; message: string } }[];
}

async function inRequests<T>(
  all: Iterable<T>,
  put: (some: T[]) => Promise<Answer>,
  progress: (more: number) => void,
): Promise<void> {
  let some: T[] = [];
  const send = async () => {
    accepted(await put(some));
    progress(some.length);
    some = [];
  };
  for (const row of all) {
    some.push(row);
    if (some.length === rows) await send();
  }
  if (some.length > 0) await send();
}

const sayEveryMs = 5_000;

function progressOf(put: { done: number; readonly rows: number }, say: (text: string) => void) {
  let said = performance.now();
  return (more: number) => {
    put.done += more;
    if (performance.now() - said < sayEveryMs) return;
    said = performance.now();
    const percent = Math.floor((100 * put.done) / put.rows);
    say(
      `setting the market up: ${percent} %, ${put.done.toLocaleString('en')} of ${put.rows.toLocaleString('en')} rows`,
    );
  };
}

function recipient(i: number) {
  return {
    recipient: `project-${i}`,
    type: 'project' as const,
    name: { en: `Project ${i}`, zh: `项目 ${i}` },
    charity: { en: 'Spruce Charity', zh: '云杉慈善会' },
    assets: ['CNY'],
  };
}

function merchant(i: number) {
  const id = merchantId(i);
  return { merchant: id, agreement: { reference: `agreement of ${id}`, signedOn: '2026-01-15' } };
}

function pledge(i: number, project: () => number): PledgeInput {
  const rules = [
    { basisPoints: 100 },
    { basisPoints: 250 },
    { fixedMinor: 2, per: 'line' },
    { fixedMinor: 1, per: 'unit' },
  ] as const;
  const shares =
    i % 10 === 9 ? distinct(project, 3).map((n, k) => ({ recipient: `project-${n}`, weight: 5 - k })) : null;
  return {
    pledge: `p-${i}`,
    merchant: merchantId(i),
    currency: 'CNY',
    ...(rules[i % 4] as (typeof rules)[number]),
    recipients: shares ?? [{ recipient: `project-${project()}` }],
    startsAt: '2026-01-01',
    imported: true,
  };
}

function distinct(draw: () => number, count: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(draw());
  return [...drawn];
}

function accepted({ results }: Answer): void {
  const refused = results.find(({ error }) => error !== undefined);
  if (refused?.error !== undefined)
    throw new Error(`the market could not be set up: ${refused.error.code} ${refused.error.message}`);
}
