/** Two servers on one database: one writes, the other stands by; whatever happens to the first, there is one history. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GiftMade, inMemory, RivuletClient } from '@rivulet/client';
import { auditDatabase } from '../support/audit.ts';
import { type Draw, drawFor } from '../support/draw.ts';
import { freePort } from '../support/free-port.ts';
import { marketSource, ordersOf } from '../support/market.ts';
import { runRivulet, spawnServer, startTestServer, type TestServer } from '../support/server.ts';
import { Load, openCrashMarket } from './load.ts';
import { caughtUp, expectNothingLost } from './nothing-lost.ts';
import { Victim } from './victim.ts';
import { watchCheckpoints } from './watch-checkpoints.ts';

const retry = { attempts: 10_000, firstDelayMs: 20, longestDelayMs: 200 };
const impatient = { attempts: 1, firstDelayMs: 0, longestDelayMs: 0 };

test('a server that stands by reads everything, takes nothing, and says that it is well', {
  timeout: 60_000,
}, async () => {
  const leader = await startTestServer();
  await openCrashMarket(leader.client);
  const { results } = await leader.client.sendOrders(ordersOf('seen', 20));
  await caughtUp(leader.client);
  const standby = await startTestServer({ beside: leader });
  const client = new RivuletClient({ url: standby.url, key: leader.operatorKey, retry: impatient });
  await caughtUp(client);

  const { gift, code } = results[3] as GiftMade;
  assert.deepEqual(await client.totals(), await leader.client.totals());
  assert.equal((await client.gift(code)).gift, gift);
  assert.match(await client.proof(gift, code), /^c2sp\.org\/tlog-proof@v1\n/);
  assert.deepEqual(await client.day(marketSource, '2026-11-18'), await leader.client.day(marketSource, '2026-11-18'));
  let changes = 0;
  for await (const _ of client.changes(-1, marketSource)) changes += 1;
  assert.equal(changes, 20);
  const lookedUp = await client.order({ source: marketSource, order: 'seen-3', line: '1' });
  assert.equal(lookedUp.outcome === 'gift' && lookedUp.gift.gift, gift);

  const writes: [string, string, unknown][] = [
    ['POST', '/v1/giving/orders', ordersOf('refused', 3)],
    ['POST', `/v1/giving/sources/${marketSource}/erasures`, { buyer: 'u-1' }],
    ['PUT', '/v1/giving/sources/shop-2', { name: { en: 'Two' }, zone: 'Asia/Shanghai', currencies: ['CNY'] }],
  ];
  for (const [method, path, body] of writes) {
    const headers = { authorization: `Bearer ${leader.operatorKey}`, 'content-type': 'application/json' };
    const answer = await fetch(standby.url + path, { method, headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 503, path);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'not_the_writer');
  }
  await auditDatabase(leader.database);
});

test('when the one that writes is killed the other takes over within seconds, and nothing is lost or doubled', {
  timeout: 120_000,
}, async (t: TestContext) => {
  const draw = drawFor(t, 7);
  const one = await Victim.start();
  await openCrashMarket(one.client(10));
  const port = await freePort();
  const environment = { PORT: String(port) };
  const two = await spawnServer({ dataFolder: one.dataFolder, environment });
  t.after(() => two.stop());
  const memory = inMemory();
  const load = new Load(t, draw, 0.03);
  const toTwo = () => new RivuletClient({ url: two.url, key: one.key, retry, memory, sleep: load.pause });
  const watches = [watchCheckpoints(t, one.url), watchCheckpoints(t, two.url)];
  load.start([one.client(1, { memory }), one.client(1, { memory }), toTwo(), toTwo()]);
  await load.answered(20);
  await one.kill();
  const killed = performance.now();
  await load.answered(1);
  const seconds = (performance.now() - killed) / 1000;
  await load.answered(20);
  // Back again, it stands by, until the other is gone.
  await one.start();
  await load.answered(10);
  assert.equal(await two.stop(), 0);
  await load.answered(10);
  await load.stop();
  const checkpoints = new Set((await Promise.all(watches.map((watch) => watch.stop()))).flatMap((seen) => [...seen]));
  const figures = await expectNothingLost({
    load,
    url: one.url,
    client: one.client(100, { memory }),
    checkpoints,
    memory,
  });
  t.diagnostic(JSON.stringify({ takenOverSeconds: seconds, ...figures }));
  assert.ok(seconds < 10, `${seconds} s`);
  assert.equal(await one.stop(), 0);
  await runRivulet(['audit'], { dataFolder: one.dataFolder });
  await runRivulet(['fsck'], { dataFolder: one.dataFolder });
});

/** What takes the book from the writer while it writes. */
const thefts: Record<string, (server: TestServer) => Promise<unknown>> = {
  'an epoch that somebody else took': ({ database }) =>
    database.pool.query('update log.head set epoch = epoch + 1 where book_id = 1'),
  'a connection that the database ended': ({ database }) =>
    database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rivulet writer main' and datname = current_database()`,
    ),
};

async function stealWhileLoaded(t: TestContext, draw: Draw, names: readonly string[], second: boolean): Promise<void> {
  const one = await startTestServer();
  await openCrashMarket(one.client);
  const servers = second ? [one, await startTestServer({ beside: one })] : [one];
  const memory = inMemory();
  const load = new Load(t, draw, 0.03);
  const common = { key: one.operatorKey, memory, sleep: load.pause };
  const clients = servers.flatMap(({ url }) =>
    [retry, impatient].map((rule) => new RivuletClient({ url, retry: rule, ...common })),
  );
  const watches = servers.map(({ url }) => watchCheckpoints(t, url));
  load.start(clients);
  for (let i = 0; i < 12; i++) {
    await load.answered(4);
    await sleep(draw.whole(0, 60));
    await thefts[draw.pick(names)]?.(one);
  }
  await load.answered(4);
  await load.stop();
  const failures = clients.reduce((sum, { retries }) => sum + retries, load.lost);
  assert.ok(failures >= 6, `${failures} of 12 thefts were noticed`);
  const checkpoints = new Set((await Promise.all(watches.map((watch) => watch.stop()))).flatMap((seen) => [...seen]));
  const leader = servers.find(({ server }) => server.installation.books[0]?.writer.state === 'leading') ?? one;
  const client = new RivuletClient({ url: leader.url, key: one.operatorKey, memory });
  t.diagnostic(JSON.stringify(await expectNothingLost({ load, url: leader.url, client, checkpoints, memory })));
  await auditDatabase(one.database);
}

test('a writer that is fenced out fails its batch, reads everything again and goes on', {
  timeout: 60_000,
}, async (t) => {
  await stealWhileLoaded(t, drawFor(t, 11), Object.keys(thefts).slice(0, 1), false);
});

test('two servers that take the book from each other again and again write one history', {
  timeout: 60_000,
}, async (t) => {
  await stealWhileLoaded(t, drawFor(t, 13), Object.keys(thefts), true);
});
