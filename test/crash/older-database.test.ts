/** The folder of PostgreSQL put back to an older copy, beside the log as it is: nothing is signed, everything is read, and the rescue finds each gift again. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { inMemory, type OrderEventInput } from '@rivulet/client';
import { drawFor } from '../support/draw.ts';
import { ordersOf } from '../support/market.ts';
import { runRivulet } from '../support/server.ts';
import { runVerify } from '../support/verify.ts';
import { type Answer, Load, openCrashMarket } from './load.ts';
import { caughtUp, expectNothingLost } from './nothing-lost.ts';
import { Victim } from './victim.ts';
import { watchCheckpoints } from './watch-checkpoints.ts';

const run = promisify(execFile);

/** Orders that no lost window can hold: they complete now. */
function fresh(): OrderEventInput[] {
  const completedAt = new Date().toISOString();
  return ordersOf('new', 3).map((order) => ({ ...order, completedAt }) as OrderEventInput);
}

/** What an event came to, whichever of the gifts that are alike it got. */
function amountOf({ result }: Answer): string {
  if ('givenMinor' in result) return `gave ${result.givenMinor} ${result.currency}`;
  if ('returnedMinor' in result) return `took back ${result.returnedMinor}`;
  return JSON.stringify(result);
}

async function post(victim: Victim, events: readonly OrderEventInput[]): Promise<[number, string | undefined]> {
  const headers = { authorization: `Bearer ${victim.key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${victim.url}/v1/giving/orders`, {
    method: 'POST',
    headers,
    body: JSON.stringify(events),
  });
  return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
}

test('an older copy of the database signs nothing and serves; after the rescue every event has its gift, and only one', {
  timeout: 120_000,
}, async (t) => {
  const victim = await Victim.start();
  await openCrashMarket(victim.client(10));
  const seen = watchCheckpoints(t, victim.url);
  const memory = inMemory();
  const client = victim.client(100, { memory });
  const load = new Load(t, drawFor(t, 5), 0);
  const loaded = async (requests: number) => {
    load.start([client, victim.client(100, { memory })]);
    await load.answered(requests);
    await load.stop();
    await caughtUp(client);
  };
  await loaded(25);
  const vkey = join(victim.dataFolder, 'vkey');
  await writeFile(vkey, await (await fetch(`${victim.url}/log/vkey`)).text());
  assert.equal(await victim.stop(), 0);
  const [place, copy] = [join(victim.dataFolder, 'postgres'), join(victim.dataFolder, 'copy')];
  await run('cp', ['-a', place, copy]);
  await victim.start();
  await loaded(25);
  const totals = await client.totals();
  assert.equal(await victim.stop(), 0);
  await rm(place, { recursive: true });
  await run('mv', [copy, place]);

  await victim.start();
  const before = await (await fetch(`${victim.url}/log/checkpoint`)).text();
  assert.deepEqual(await post(victim, fresh()), [503, 'log_stopped']);
  const health = await fetch(`${victim.url}/healthz`);
  assert.equal(health.status, 503);
  assert.match(await health.text(), /rivulet book rescue main/);
  assert.equal(await (await fetch(`${victim.url}/log/checkpoint`)).text(), before);
  // Its totals wait for the log to be well; the log itself is whole.
  assert.equal((await runVerify('audit', join(victim.dataFolder, 'log/main'), '--key', vkey)).ok, true);
  assert.equal(await victim.stop(), 0);

  const { dataFolder } = victim;
  assert.match(await runRivulet(['book', 'rescue', 'main'], { dataFolder }), /every audit passes/);
  await victim.start();
  await victim.well();
  assert.deepEqual((await client.totals()).assets, totals.assets);
  // New money is refused until the lost window was sent again.
  assert.deepEqual(await post(victim, fresh()), [503, 'window_open']);
  const answers = new Map([...load.answers].map(([key, answer]) => [key, amountOf(answer)]));
  const checkpoints = await seen.stop();
  load.forgetWhich();
  const figures = await expectNothingLost({ load, url: victim.url, client, checkpoints, memory });
  for (const [key, amount] of answers)
    if (!amount.includes('waiting')) assert.equal(amountOf(load.answers.get(key) as Answer), amount, key);
  assert.deepEqual((await client.totals()).assets, totals.assets);
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(await post(victim, fresh()), [200, undefined]);
  await caughtUp(client);
  assert.equal(await victim.stop(), 0);
  await runRivulet(['audit'], { dataFolder });
  await runRivulet(['fsck'], { dataFolder });
});
