import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OrdersAnswer, RivuletClient } from '@rivulet/client';
import { openMarket, ordersOf } from '../support/market.ts';
import { runRivulet, type SpawnedServer, spawnServer } from '../support/server.ts';

const base = await mkdtemp(join(tmpdir(), 'rivulet-restore-'));
after(() => rm(base, { recursive: true, force: true }));
const original = join(base, 'original');
const folder = join(base, 'backup');
const secrets = join(base, 'secrets');
const seen = join(base, 'seen-last');
const first = ordersOf('first', 400);
let key = '';
let answered: OrdersAnswer['results'] = [];
let totalsAtBackup: unknown;

async function started(t: TestContext, dataFolder: string): Promise<SpawnedServer> {
  const server = await spawnServer({ dataFolder });
  t.after(() => server.stop());
  return server;
}

async function published(url: string, entries: number): Promise<string> {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const note = await (await fetch(`${url}/log/checkpoint`)).text();
    if (Number(note.split('\n')[1]) >= entries) return note;
    if (Date.now() > end) throw new Error(`no checkpoint of ${entries}: ${note}`);
  }
}

/** Index after the last entry of an answer. */
function endOf(answer: OrdersAnswer): number {
  return Math.max(...answer.results.map((result) => ('index' in result ? (result.index ?? 0) : 0))) + 1;
}

test('a backup is taken while orders come in', { timeout: 120_000 }, async (t) => {
  const server = await started(t, original);
  key = (await runRivulet(['key', 'new', '--operator'], { dataFolder: original })).trim();
  const client = new RivuletClient({ url: server.url, key });
  await openMarket(client);
  const answer = await client.sendOrders(first);
  answered = answer.results;
  assert.ok(answered.every(({ outcome }) => outcome === 'created'));
  await published(server.url, endOf(answer));
  totalsAtBackup = (await client.totals()).assets;
  const [said] = await Promise.all([
    runRivulet(['backup', folder, '--secrets', secrets], { dataFolder: original }),
    client.sendOrders(ordersOf('meanwhile', 200)),
  ]);
  assert.match(said, /holds a whole backup/);
  const last = await client.sendOrders(ordersOf('later', 200));
  await writeFile(seen, await published(server.url, endOf(last)));
  assert.equal(await server.stop(), 0);
});

test('a restore asks what was published since', async () => {
  const dataFolder = join(base, 'asked');
  await assert.rejects(runRivulet(['restore', folder], { dataFolder }), /--seen FILE/);
  await assert.rejects(
    runRivulet(['restore', join(base, 'nothing'), '--nothing-since'], { dataFolder }),
    /holds no backup/,
  );
});

test('a restored installation passes every audit and remembers every order', { timeout: 120_000 }, async (t) => {
  const dataFolder = join(base, 'restored');
  await runRivulet(['restore', folder, '--nothing-since', '--secrets', secrets], { dataFolder });
  await runRivulet(['audit'], { dataFolder });
  await runRivulet(['fsck'], { dataFolder });
  const server = await started(t, dataFolder);
  const client = new RivuletClient({ url: server.url, key });
  const again = await client.sendOrders(first);
  assert.deepEqual(
    again.results,
    answered.map((result) => ({ ...result, outcome: 'duplicate' })),
  );
  const next = await client.sendOrders(ordersOf('afterwards', 10));
  assert.ok(next.results.every(({ outcome }) => outcome === 'created'));
  await published(server.url, endOf(next));
  const { CNY } = (await client.totals()).assets;
  const before = (totalsAtBackup as Record<string, { givenMinor: string }>).CNY;
  assert.ok(Number(CNY?.givenMinor) >= Number(before?.givenMinor) + 200);
  await assert.rejects(runRivulet(['restore', folder, '--nothing-since'], { dataFolder }), /is not empty/);
  assert.equal(await server.stop(), 0);
  await runRivulet(['audit'], { dataFolder });
  await runRivulet(['fsck'], { dataFolder });
});

async function refusesToSign(t: TestContext, dataFolder: string): Promise<void> {
  const server = await started(t, dataFolder);
  const answer = await fetch(`${server.url}/v1/giving/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(ordersOf('forked', 1)),
  });
  assert.equal(answer.status, 503);
  assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'log_stopped');
  assert.equal((await fetch(`${server.url}/healthz`)).status, 503);
  assert.ok(
    server.said.some((line) => /main has stopped .*rivulet book rescue main/.test(line)),
    server.said.join('\n'),
  );
  assert.equal(await server.stop(), 0);
}

test('a database from before the newest checkpoint signs nothing and takes nothing', {
  timeout: 120_000,
}, async (t) => {
  const dataFolder = join(base, 'behind');
  const said = await runRivulet(['restore', folder, '--seen', seen, '--secrets', secrets], { dataFolder });
  assert.match(said, /it will not sign until rivulet book rescue main/);
  await refusesToSign(t, dataFolder);
});

test('so it is when only the database was lost and its files survived', { timeout: 120_000 }, async (t) => {
  await rm(join(original, 'postgres'), { recursive: true });
  await assert.rejects(runRivulet(['restore', folder, '--nothing-since'], { dataFolder: original }), /--database-only/);
  await runRivulet(['restore', folder, '--database-only'], { dataFolder: original });
  await refusesToSign(t, original);
});
