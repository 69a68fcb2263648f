import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RivuletClient } from '@rivulet/client';
import { startTestServer } from '../../../../test/support/server.ts';
import { demoSource, startDemo } from './index.ts';

const { url, dataFolder, server, client: operator } = await startTestServer();
const { keys, books, pool } = server.installation;
const secretsFolder = join(dataFolder, 'secrets');
const problems: unknown[] = [];

function start(mean: number, told: string[] = []) {
  const report = (error: unknown) => problems.push(error);
  return startDemo({ url, keys, secretsFolder, mean, report, tell: (message) => told.push(message) });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it never came');
}

async function counts() {
  const tables = {
    merchants: 'merchant',
    pledges: 'pledge',
    versions: 'terms',
    points: 'item',
    recipients: 'recipient',
  };
  const found: Record<string, number> = {};
  for (const [name, table] of Object.entries(tables))
    found[name] = Number((await pool.query(`select count(*) from giving.${table}`)).rows[0].count);
  return found;
}

const sold = async () =>
  (
    await pool.query(
      'select count(*)::int as gifts, count(distinct key)::int as keys from giving.gift_key where book_id = 1',
    )
  ).rows[0];

test('the first start makes a market, sells something, and stops when told', async () => {
  const told: string[] = [];
  const demo = await start(20, told);
  assert.ok(told.some((line) => /demo data/i.test(line)) && told.some((line) => line.includes('演示数据')));
  await until(() => demo.sent > 240);
  await demo.stop();
  const { sent } = demo;
  await sleep(1_200);
  assert.equal(demo.sent, sent);
  assert.deepEqual(await counts(), { merchants: 51, pledges: 102, versions: 106, points: 1_002, recipients: 14 });
  assert.ok((await sold()).gifts > 150);
  assert.deepEqual(problems, []);
});

test('the next start says nothing again and goes on selling under fresh numbers', async () => {
  const [before, gifts, size] = [await counts(), await sold(), books[1]?.writer.head()];
  const demo = await start(20);
  await until(() => demo.sent > 20);
  await demo.stop();
  assert.deepEqual(await counts(), before);
  assert.equal(books[1]?.writer.head(), size, 'the test book did not grow');
  const after = await sold();
  assert.ok(after.gifts > gifts.gifts);
  assert.deepEqual(problems, []);
});

test('outcomes of a real market: gifts, no pledge, ended; returns within them', async () => {
  const { rows } = await pool.query(
    `select outcome, reason, sum(lines)::int as lines from giving.day where source = $1 group by 1, 2`,
    [demoSource],
  );
  const lines = new Map(rows.map(({ outcome, reason, lines }) => [`${outcome} ${reason}`.trim(), lines]));
  assert.ok((lines.get('created') ?? 0) > 150);
  assert.ok((lines.get('ignored no_pledge') ?? 0) > 0);
  assert.equal(lines.get('ignored not_started'), undefined);
  assert.ok([...lines.keys()].every((key) => !key.startsWith('refused')));
});

test('its keys are its own: the stream’s ends with it, the sandbox’s stays for developers and opens the sandbox alone', async () => {
  const listed = await keys.list();
  assert.ok(listed.filter(({ label }) => label === 'demo stream').every(({ revokedAt }) => revokedAt !== null));
  assert.ok(listed.filter(({ label }) => label === 'demo data').every(({ revokedAt }) => revokedAt !== null));
  const path = join(secretsFolder, 'demo-sandbox.key');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const sandbox = new RivuletClient({ url, key: (await readFile(path, 'utf8')).trim() });
  const now = new Date().toISOString();
  const order = { type: 'order.completed' as const, order: 'A1', line: '1', merchant: 'm-1', item: 'sku-1' };
  const amounts = { quantity: 1, paid: 10_000, currency: 'CNY', placedAt: now, completedAt: now };
  const mine = await sandbox.sendOrders([{ ...order, ...amounts, source: 'sandbox' }]);
  assert.equal(mine.book, 'test');
  assert.equal(mine.results[0]?.outcome, 'created');
  const other = await sandbox.sendOrders([{ ...order, ...amounts, source: demoSource }]);
  assert.equal(other.results[0]?.outcome, 'refused');
  assert.equal(listed.filter(({ source, revokedAt }) => source === 'sandbox' && revokedAt === null).length, 1);
});

test('the log that the demo fills is one that its client accepts', async () => {
  await until(async () => (await operator.totals()).assets.CNY !== undefined);
  const { checkpoint } = await operator.sendOrders([]);
  assert.ok(checkpoint !== null);
  assert.deepEqual(problems, []);
});
