/** The connection to PostgreSQL cut at each statement of a batch: never sent, or carried out and its answer lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inMemory, type OrderEventInput, type OrderResult, RivuletClient } from '@rivulet/client';
import { auditDatabase } from '../support/audit.ts';
import { drawFor } from '../support/draw.ts';
import { marketSource, ordersOf } from '../support/market.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { Load, openCrashMarket } from './load.ts';
import { caughtUp, expectNothingLost } from './nothing-lost.ts';
import { type Cut, PostgresProxy } from './postgres-proxy.ts';
import { watchCheckpoints } from './watch-checkpoints.ts';

const writer = 'rivulet writer main';

async function openThroughProxy(): Promise<TestServer & { proxy: PostgresProxy }> {
  let proxy: PostgresProxy | undefined;
  const through = async (app: PostgresProxy['address']) => {
    proxy = await PostgresProxy.open(app);
    return proxy.address;
  };
  const server = await startTestServer({ through });
  await openCrashMarket(server.client);
  return { ...server, proxy: proxy as PostgresProxy };
}

/** Follows scripts: with the last rows that one copies its transaction commits. */
class ScriptWatch {
  #copies = 0;

  commitsWith(text: string): boolean {
    if (text.startsWith('begin;')) this.#copies = text.match(/^copy /gm)?.length ?? 0;
    return text === 'commit' || (text === 'copy done' && --this.#copies === 0);
  }
}

let requests = 0;

/** One request that writes every table of intake: gifts, a buyer, returns now and later, lines without a gift, a refusal, a repetition. */
function everything(): OrderEventInput[] {
  const name = `r${++requests}`;
  const orders = ordersOf(name, 4).map((order, i) => ({ ...order, buyer: `${name}-${i}` }));
  const [first, second, third, fourth] = orders as [OrderEventInput, OrderEventInput, OrderEventInput, OrderEventInput];
  const back = (order: string, paid: number): OrderEventInput => ({
    type: 'order.returned',
    source: marketSource,
    merchant: 'm-1',
    return: `back-${order}`,
    order,
    line: '1',
    paid,
    returnedAt: '2026-11-20T08:00:00Z',
  });
  return [
    first,
    back(`${name}-0`, 700),
    back(`${name}-1`, 2000),
    second,
    back(`${name}-never`, 1),
    { ...third, item: 'sku-3' } as OrderEventInput,
    { ...fourth, currency: 'USD' } as OrderEventInput,
    first,
  ];
}

function post({ url, operatorKey }: TestServer, events: readonly OrderEventInput[]): Promise<Response> {
  return fetch(`${url}/v1/giving/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
}

const outcomes = (results: readonly OrderResult[]) => results.map(({ outcome }) => outcome);
const fresh = ['created', 'created', 'created', 'created', 'created', 'ignored', 'refused', 'duplicate'];
const again = ['duplicate', 'duplicate', 'duplicate', 'duplicate', 'duplicate', 'ignored', 'refused', 'duplicate'];

test('at each statement of a batch a lost connection is a 503, and the same request sent again counts once', {
  timeout: 120_000,
}, async (t) => {
  const server = await openThroughProxy();
  const { proxy } = server;
  const client = new RivuletClient({
    url: server.url,
    key: server.operatorKey,
    retry: { attempts: 200, firstDelayMs: 20, longestDelayMs: 60 },
  });
  const statements: string[] = [];
  proxy.follow(({ connection, text }) => {
    if (connection === writer) statements.push(text);
    return null;
  });
  assert.deepEqual(outcomes((await client.sendOrders(everything())).results), fresh);
  // The whole transaction is one script; the rows that it copies come behind it, and with the last of them it commits.
  assert.ok(statements.some((text) => text.startsWith('begin;') && text.endsWith('commit')));
  const commit = statements.length - 1;
  assert.equal(statements[commit], 'copy done');
  let [gifts, cuts] = [2, 0];

  for (let n = 0; n <= commit; n++)
    for (const when of ['before', 'after'] as const) {
      const events = everything();
      let [left, done, commits] = [n, false, false];
      const script = new ScriptWatch();
      proxy.follow(({ connection, text }): Cut | null => {
        if (done || connection !== writer) return null;
        commits = script.commitsWith(text);
        if (left-- > 0) return null;
        done = true;
        return when;
      });
      const name = `${when} statement ${n}: ${statements[n]?.slice(0, 60)}`;
      const answer = await post(server, events);
      proxy.follow(null);
      if (done) {
        cuts += 1;
        assert.equal(answer.status, 503, name);
        assert.ok(Number(answer.headers.get('retry-after')) > 0, name);
      }
      // Only a commit that was carried out has recorded anything.
      const recorded = !done || (commits && when === 'after');
      assert.deepEqual(outcomes((await client.sendOrders(events)).results), recorded ? again : fresh, name);
      gifts += 2;
    }
  assert.ok(cuts >= 2 * commit, `${cuts} cuts at ${commit + 1} statements`);
  t.diagnostic(`${cuts} cuts at ${commit + 1} statements`);
  await caughtUp(client);
  assert.equal((await client.totals()).assets.CNY?.gifts, String(gifts));
  for (const { verdict } of await client.checkPromises()) assert.equal(verdict, 'kept');
  await auditDatabase(server.database);
});

/** Lines without a pledge, so many that the next batch is built while this one is written. */
function bulk(): OrderEventInput[] {
  const name = `b${++requests}`;
  return ordersOf(name, 600).map((order) => ({ ...order, item: 'sku-3' }) as OrderEventInput);
}

test('a batch that was built on top of one whose connection was lost is built again, whether that one is there or not', {
  timeout: 120_000,
}, async (t) => {
  const server = await openThroughProxy();
  const { proxy } = server;
  const retry = { attempts: 200, firstDelayMs: 20, longestDelayMs: 60 };
  const client = new RivuletClient({ url: server.url, key: server.operatorKey, retry });
  await client.sendOrders([...everything(), ...bulk()]);
  let [gifts, cuts, first] = [2, 0, 0];
  const statuses: Record<string, number> = {};
  // Each second statement: the test before this one takes them all.
  for (let n = 0; n < 40; n += 2)
    for (const when of ['before', 'after'] as const) {
      const one = everything();
      // The second repeats the first and adds its own, so that what it says depends on what became of the first.
      const [lower, upper] = [
        [...bulk(), ...one],
        [...one, ...bulk(), ...everything()],
      ];
      let [left, done] = [n, false];
      proxy.follow(({ connection }): Cut | null => {
        if (done || connection !== writer || left-- > 0) return null;
        done = true;
        return when;
      });
      const sent = post(server, lower);
      // Taken while the first is prepared or written.
      await sleep(n % 6);
      const answers = await Promise.all([sent, post(server, upper)]);
      proxy.follow(null);
      if (done) cuts += 1;
      const name = `${when} statement ${n}: ${answers.map(({ status }) => status)}`;
      statuses[answers.map(({ status }) => status).join()] =
        (statuses[answers.map(({ status }) => status).join()] ?? 0) + 1;
      for (const { status } of answers) assert.ok(status === 200 || status === 503, name);
      if (answers[0]?.status === 503) first += 1;
      for (const events of [lower, upper]) {
        const { results } = await client.sendOrders(events);
        const kept = results.filter(({ outcome }) => outcome === 'created' || outcome === 'duplicate');
        assert.equal(kept.length, events === lower ? 6 : 12, name);
      }
      gifts += 4;
    }
  t.diagnostic(JSON.stringify({ cuts, first, statuses }));
  assert.ok(first > 10, `${first} first batches were lost`);
  await caughtUp(client);
  assert.equal((await client.totals()).assets.CNY?.gifts, String(gifts));
  for (const { verdict } of await client.checkPromises()) assert.equal(verdict, 'kept');
  await auditDatabase(server.database);
});

test('connections of every kind cut at random under load: nothing lost, nothing doubled, one history', {
  timeout: 120_000,
}, async (t) => {
  const draw = drawFor(t, 42);
  const server = await openThroughProxy();
  const memory = inMemory();
  const load = new Load(t, draw, 0.05);
  const retry = { attempts: 10_000, firstDelayMs: 10, longestDelayMs: 100 };
  const common = { url: server.url, key: server.operatorKey, memory, sleep: load.pause };
  const seen = watchCheckpoints(t, server.url);
  const impatient = { ...retry, attempts: 1 };
  load.start([retry, retry, impatient, impatient].map((rule) => new RivuletClient({ ...common, retry: rule })));
  await load.answered(5);
  const script = new ScriptWatch();
  server.proxy.follow(({ text }) => {
    const commits = script.commitsWith(text);
    if (!draw.chance(commits || text.startsWith('update log.signed') ? 0.15 : 0.008)) return null;
    return draw.pick(['before', 'after'] as const);
  });
  for (const end = Date.now() + 90_000; server.proxy.cuts < 60 && Date.now() < end; ) await load.answered(1);
  server.proxy.follow(null);
  await load.answered(5);
  await load.stop();
  const client = new RivuletClient({ url: server.url, key: server.operatorKey, memory });
  const figures = await expectNothingLost({ load, url: server.url, client, checkpoints: await seen.stop(), memory });
  t.diagnostic(JSON.stringify({ cuts: server.proxy.cuts, ...figures }));
  assert.ok(server.proxy.cuts >= 60);
  assert.ok(figures.recordedUnanswered > 0, 'no commit was carried out whose answer was lost');
  await auditDatabase(server.database);
});
