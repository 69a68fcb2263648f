/** An older database beside a newer log: it signs nothing, is rescued, and every event of the lost window finds the gift that it had made. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OrderEventInput, type OrdersAnswer, RivuletClient } from '@rivulet/client';
import { marketSource, openMarket, ordersOf } from '../support/market.ts';
import { runRivulet, type SpawnedServer, spawnServer } from '../support/server.ts';
import { runVerify } from '../support/verify.ts';

const base = await mkdtemp(join(tmpdir(), 'rivulet-rescue-'));
after(() => rm(base, { recursive: true, force: true }));
const dataFolder = join(base, 'data');
const backup = join(base, 'backup');
let key = '';

async function started(t: TestContext): Promise<{ server: SpawnedServer; client: RivuletClient }> {
  const server = await spawnServer({ dataFolder });
  t.after(() => server.stop());
  return { server, client: new RivuletClient({ url: server.url, key }) };
}

function returned(name: string, order: string, paid: number): OrderEventInput {
  const line = { order, line: '1', merchant: 'm-1', paid, returnedAt: '2026-11-20T08:00:00Z' };
  return { type: 'order.returned', source: marketSource, return: name, ...line };
}

function named(orders: readonly OrderEventInput[], buyer: (i: number) => string | undefined): OrderEventInput[] {
  return orders.map((order, i) => {
    const { buyer: _, ...rest } = order as Extract<OrderEventInput, { type: 'order.completed' }>;
    const who = buyer(i);
    return who === undefined ? rest : { ...rest, buyer: who };
  });
}

/** Kept by the backup. */
const kept = [...ordersOf('kept', 40), returned('kept-back', 'kept-1', 500), returned('early', 'strange-3', 1000)];
/** Accepted and published after it. Buyers that the backup knows, new ones, and none. */
const known = ordersOf('known', 60);
const strange = named(ordersOf('strange', 60), (i) => (i % 2 === 0 ? `new-${i % 6}` : undefined));
const backs = [
  returned('back-1', 'kept-2', 2000),
  returned('back-2', 'known-2', 300),
  returned('back-3', 'known-2', 900),
  returned('back-4', 'strange-2', 700),
  returned('back-5', 'known-4', 10),
];

async function post(
  url: string,
  events: readonly OrderEventInput[],
): Promise<{ status: number; answer: OrdersAnswer }> {
  const answer = await fetch(`${url}/v1/giving/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  return { status: answer.status, answer: (await answer.json()) as OrdersAnswer };
}

async function health(url: string): Promise<{ status: string; books: { book: string; problem?: string }[] }> {
  return (await (await fetch(`${url}/healthz`)).json()) as never;
}

async function published(url: string, entries: number): Promise<void> {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const note = await (await fetch(`${url}/log/checkpoint`)).text();
    if (Number(note.split('\n')[1]) >= entries) return;
    assert.ok(Date.now() < end, `no checkpoint of ${entries}: ${note}`);
  }
}

async function sound(url: string): Promise<void> {
  await runRivulet(['audit'], { dataFolder });
  await runRivulet(['fsck'], { dataFolder });
  assert.equal((await runVerify('audit', url)).ok ?? true, true);
}

/** What an event made, whatever came of it since. */
function gift(result: OrdersAnswer['results'][number]): unknown {
  return 'index' in result ? { gift: result.gift, index: result.index } : result;
}

function endOf(results: OrdersAnswer['results']): number {
  return Math.max(...results.map((result) => ('index' in result ? (result.index ?? 0) : 0))) + 1;
}

let firstTime: OrdersAnswer['results'] = [];
let totals: Record<string, unknown> = {};
let each: unknown;

test('a database goes back to before what was published', { timeout: 120_000 }, async (t) => {
  const { server } = await started(t);
  key = (await runRivulet(['key', 'new', '--operator'], { dataFolder })).trim();
  const client = new RivuletClient({ url: server.url, key });
  await openMarket(client);
  const before = await client.sendOrders(kept);
  await published(server.url, endOf(before.results) - 1);
  await runRivulet(['backup', backup], { dataFolder });
  await client.putRecipients([
    { recipient: 'r-2', type: 'project', name: { en: 'Renamed' }, charity: { en: 'A charity' }, assets: ['CNY'] },
  ]);
  const answer = await client.sendOrders([...known, ...strange, ...backs]);
  firstTime = answer.results;
  assert.ok(firstTime.every(({ outcome }) => outcome === 'created'));
  await published(server.url, endOf(firstTime));
  totals = (await client.totals()).assets;
  each = ((await (await fetch(`${server.url}/v1/giving/totals`)).json()) as { recipients: unknown }).recipients;
  assert.equal(await server.stop(), 0);
  await rm(join(dataFolder, 'postgres'), { recursive: true });
  await runRivulet(['restore', backup, '--database-only'], { dataFolder });
});

test('it takes and signs nothing, goes on serving, and says what to do', { timeout: 60_000 }, async (t) => {
  const { server } = await started(t);
  const { status, answer } = await post(server.url, known);
  assert.deepEqual([status, (answer as unknown as { error: { code: string } }).error.code], [503, 'log_stopped']);
  const { status: health503, books } = await health(server.url);
  assert.equal(health503, 'failing');
  assert.match(books.find(({ book }) => book === 'main')?.problem ?? '', /rivulet book rescue main/);
  assert.equal((await fetch(`${server.url}/log/checkpoint`)).status, 200);
  await assert.rejects(runRivulet(['book', 'rescue', 'main'], { dataFolder }), /stop it first/);
  assert.equal(await server.stop(), 0);
});

test('the rescue brings back what is public, and all of it audits', { timeout: 120_000 }, async (t) => {
  const said = await runRivulet(['book', 'rescue', 'main'], { dataFolder });
  assert.match(said, /entries restored, \d+ to \d+; every audit passes/);
  assert.match(said, /120 gifts and 5 returns are back/);
  assert.match(await runRivulet(['book', 'rescue', 'main'], { dataFolder }), /not behind .*nothing was changed/);
  const { server, client } = await started(t);
  await published(server.url, endOf(firstTime));
  assert.deepEqual((await client.totals()).assets, totals);
  const now = (await (await fetch(`${server.url}/v1/giving/totals`)).json()) as { recipients: unknown };
  assert.deepEqual(now.recipients, each);
  await sound(server.url);
  assert.match((await health(server.url)).books[0]?.problem ?? '', /120 gifts and 5 returns/);
});

test('nothing new is taken before the window was sent again; then each event has its one gift', {
  timeout: 120_000,
}, async (t) => {
  const { server } = await started(t);
  const completedAt = new Date().toISOString();
  const fresh = ordersOf('fresh', 5).map((order) => ({ ...order, completedAt }));
  const { status, answer } = await post(server.url, fresh);
  assert.deepEqual([status, (answer as unknown as { error: { code: string } }).error.code], [503, 'window_open']);

  // What the backup kept is known as ever. A request in which something waits keeps what it could match.
  const again = await post(server.url, kept.slice(0, 41));
  assert.equal(again.status, 200);
  assert.ok(again.answer.results.every(({ outcome }) => outcome === 'duplicate'));
  const some = await post(server.url, [...known.slice(30), ...backs, ...fresh]);
  assert.equal(some.status, 503);
  const half = await post(server.url, known.slice(30));
  assert.deepEqual(half.answer.results.map(gift), firstTime.slice(30, 60).map(gift));
  await sound(server.url);

  await server.kill();
  const next = await started(t);
  const rest = await post(next.server.url, [...backs, ...strange, ...known]);
  assert.equal(rest.status, 200);
  assert.ok(rest.answer.results.every(({ outcome }) => outcome === 'duplicate'));
  const inOrder = await post(next.server.url, [...known, ...strange, ...backs]);
  assert.deepEqual(inOrder.answer.results.map(gift), firstTime.map(gift));
  assert.equal((await health(next.server.url)).books[0]?.problem, undefined);
  assert.deepEqual((await next.client.totals()).assets, totals);

  const taken = await post(next.server.url, ordersOf('afterwards', 7));
  assert.ok(taken.answer.results.every(({ outcome }) => outcome === 'created'));
  await published(next.server.url, endOf(taken.answer.results));
  const { CNY } = (await next.client.totals()).assets;
  assert.equal(Number(CNY?.gifts), 40 + 120 + 7);
  await sound(next.server.url);
  assert.equal(await next.server.stop(), 0);
});

const secondBackup = join(base, 'second');
const now = () => new Date().toISOString();

test('what hangs on ids that no log has can be read, never matched: then the window stays open', {
  timeout: 120_000,
}, async (t) => {
  const before = await started(t);
  await runRivulet(['backup', secondBackup], { dataFolder });
  const agreement = { reference: 'A-2', signedOn: '2026-01-01' };
  const rule = { currency: 'CNY', basisPoints: 200, recipients: [{ recipient: 'r-1' }] };
  await before.client.putMerchants(marketSource, [{ merchant: 'm-2', agreement }]);
  const put = await before.client.putPledges(marketSource, [
    { ...rule, pledge: 'p-1', merchant: 'm-1' },
    { ...rule, pledge: 'p-2', merchant: 'm-2', items: ['sku-2'] },
  ]);
  assert.deepEqual(
    put.results.map(({ outcome }) => outcome),
    ['changed', 'created'],
  );
  const at = { placedAt: now(), completedAt: now() };
  const second = ordersOf('second', 3).map((order) => ({ ...order, ...at }));
  const gone = ordersOf('gone', 2).map((order) => ({ ...order, ...at, merchant: 'm-2', item: 'sku-2' }));
  const made = (await before.client.sendOrders([...second, ...gone])).results;
  assert.deepEqual(
    made.map((result) => ('givenMinor' in result ? result.givenMinor : result)),
    ['40', '40', '40', '40', '40'],
  );
  await published(before.server.url, endOf(made));
  totals = (await before.client.totals()).assets;
  assert.equal(await before.server.stop(), 0);
  await rm(join(dataFolder, 'postgres'), { recursive: true });
  await runRivulet(['restore', secondBackup, '--database-only'], { dataFolder });

  const said = await runRivulet(['book', 'rescue', 'main'], { dataFolder });
  assert.match(said, /2 merchants or versions of pledges are new to the database/);
  const { server, client } = await started(t);
  await published(server.url, endOf(made));
  assert.deepEqual((await client.totals()).assets, totals);
  // The version said in the window is in force again: these are found. The other pledge's lines are not, and nothing is made for them.
  const matched = await post(server.url, second);
  assert.deepEqual(matched.answer.results.map(gift), made.slice(0, 3).map(gift));
  for (let i = 0; i < 2; i++) assert.equal((await post(server.url, gone)).status, 503);
  assert.match((await health(server.url)).books[0]?.problem ?? '', /2 gifts and 0 returns/);
  assert.deepEqual((await client.totals()).assets, totals);
  await sound(server.url);
  assert.equal(await server.stop(), 0);
});

test('a book that is closed serves what it published and takes nothing', { timeout: 60_000 }, async (t) => {
  assert.match(await runRivulet(['book', 'rescue', 'main', '--close'], { dataFolder }), /closed for good/);
  const { server } = await started(t);
  assert.equal((await post(server.url, ordersOf('late', 1))).status, 503);
  assert.equal((await fetch(`${server.url}/log/checkpoint`)).status, 200);
  assert.match((await health(server.url)).books[0]?.problem ?? '', /closed/);
  assert.deepEqual(Object.keys((await new RivuletClient({ url: server.url, key }).totals()).assets), ['CNY']);
  assert.equal(await server.stop(), 0);
  await assert.rejects(runRivulet(['book', 'rescue', 'main'], { dataFolder }), /closed for good/);
});
