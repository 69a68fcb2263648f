/** The books of a month are closed, once, and a stranger's audit begins there. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { MonthCloser } from '../../server/src/edge/console/housekeeping/close-months.ts';
import { auditDatabase } from '../support/audit.ts';
import { marketSource, openMarket, ordersOf } from '../support/market.ts';
import { startTestServer } from '../support/server.ts';
import { runVerify } from '../support/verify.ts';

const clock = { now: new Date('2026-11-30T23:59:00Z') };
const here = await startTestServer({ now: () => clock.now });
const { client, server, url } = here;
const [main] = server.installation.books;
if (!main) throw new Error('there is no book');
const closer = () => new MonthCloser(main, server.installation.pool);
const close = () => closer().closeMonths(clock.now);

async function work(prefix: string, count: number): Promise<number> {
  const { results } = await client.sendOrders(ordersOf(prefix, count));
  assert.ok(results.every(({ outcome }) => outcome === 'created'));
  await main?.log.waitFor(main.writer.head() ?? 0);
  return main?.log.published()?.size ?? 0;
}

async function giveBack(order: string): Promise<void> {
  const returned = { order, line: '1', merchant: 'm-1', paid: 1000, returnedAt: '2026-12-01T00:00:01Z' };
  await client.sendOrders([{ type: 'order.returned', source: marketSource, return: `R-${order}`, ...returned }]);
}

test('a month that is over is closed once, with the balances that a replay has', async () => {
  await openMarket(client);
  await work('a', 300);
  await giveBack('a-1');
  assert.equal(await close(), 0, 'the month is not over');
  clock.now = new Date('2026-12-01T00:00:30Z');
  assert.equal(await close(), 0, 'nothing came since: no tick has ended it');
  await work('b', 300);
  await giveBack('a-2');
  assert.equal(await close(), 1);
  assert.equal(await close(), 0);
  assert.equal(await closer().closeMonths(clock.now), 0, 'nor by a server that was started anew');
  await giveBack('a-1');
  await work('c', 300);
  const whole = await runVerify('audit', url);
  const since = await runVerify('audit', url, '--since', 'last');
  const [{ at }] = whole.closes as [{ at: number }];
  assert.deepEqual([since.since, (since.closes as unknown[]).length], [at, 1]);
  for (const part of ['assets', 'recipients', 'accounts', 'entries']) assert.deepEqual(since[part], whole[part], part);
  assert.equal((await fetch(`${url}/log/closes`).then((answer) => answer.text())).trim(), String(at));
  assert.equal((await fetch(`${url}/log/close/${at + 1}`)).status, 404);
});

test('a state that was lost is written again, and nothing is said twice', async () => {
  const [at] = (await main.log.closes.list()) as [number];
  await rm(join(main.log.folder, 'close'), { recursive: true });
  const size = main.writer.head();
  assert.equal(await close(), 0);
  assert.deepEqual(await main.log.closes.list(), [at]);
  assert.equal(main.writer.head(), size);
  await runVerify('audit', main.log.folder, '--since', String(at), '--key', main.log.vkeys().split('\n')[0] as string);
});

test('months without work are passed over, and the next close stands on the last', async () => {
  clock.now = new Date('2027-03-05T10:00:00Z');
  await work('d', 10);
  assert.equal(await close(), 1);
  assert.equal((await main.log.closes.list()).length, 2);
  assert.equal(((await runVerify('audit', url)).closes as unknown[]).length, 2);
  await auditDatabase(here.database);
});

test('nothing is closed while the rows have other balances than the log', async () => {
  clock.now = new Date('2027-04-01T00:00:00Z');
  await work('e', 1);
  const damage = async (more: number) => {
    const client = new pg.Client(here.database.superuser);
    await client.connect();
    // Past the triggers that keep rows as they are.
    await client.query('set session_replication_role = replica');
    await client.query('update ledger.posting set in_total = in_total + $1 where book_id = 1 and account = 2', [more]);
    await client.end();
  };
  await damage(1);
  const size = main.writer.head();
  const careful = closer();
  await assert.rejects(careful.closeMonths(clock.now), /not closed at entry \d+: 1 broken, the first at account 2/);
  assert.equal(await careful.closeMonths(clock.now), 0, 'and it is not tried again at once');
  assert.equal(main.writer.head(), size);
  await damage(-1);
  assert.equal(await close(), 1);
  await auditDatabase(here.database);
});
