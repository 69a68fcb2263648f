/** Kills at random moments under load. Three rounds; fifty with RIVULET_LONG=1. RIVULET_SEED plays a run again. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inMemory } from '@rivulet/client';
import { type Draw, drawFor, long } from '../support/draw.ts';
import { runRivulet } from '../support/server.ts';
import { Load, openCrashMarket } from './load.ts';
import { expectNothingLost } from './nothing-lost.ts';
import { Victim } from './victim.ts';
import { watchCheckpoints } from './watch-checkpoints.ts';

const rounds = long ? 50 : 3;
const targets = ['server', 'postgres', 'backend', 'server and postgres', 'server, twice'] as const;

/** Each kind once before chance decides, so that the short form has the worst of them. */
function targetOf(round: number, draw: Draw): (typeof targets)[number] {
  return (['server and postgres', 'backend', 'server'] as const)[round] ?? draw.pick(targets);
}

async function killSomething(target: (typeof targets)[number], victim: Victim, draw: Draw): Promise<void> {
  if (target === 'backend') await victim.killBackend((pids) => draw.pick(pids));
  if (target === 'postgres') await victim.killPostgres();
  if (target === 'server and postgres') await Promise.all([victim.killPostgres(), victim.kill()]);
  if (target.startsWith('server')) await victim.kill();
  if (target !== 'server, twice') return;
  // Once more in the middle of its start.
  const starting = victim.start().catch(() => {});
  await sleep(draw.whole(300, 2_000));
  await victim.kill();
  await starting;
}

test(`${rounds} kills under load lose nothing that was acknowledged, double nothing and leave one history`, {
  timeout: long ? 25 * 60_000 : 120_000,
}, async (t: TestContext) => {
  const draw = drawFor(t, 20_261_118);
  const victim = await Victim.start();
  await openCrashMarket(victim.client(10));
  const seen = watchCheckpoints(t, victim.url);
  const memory = inMemory();
  const load = new Load(t, draw, 0.06);
  const patient = () => victim.client(10_000, { memory, sleep: load.pause });
  // Two repeat what got no answer, as a marketplace does; two go on to other events, and are told at the end.
  load.start([patient(), patient(), victim.client(1, { memory }), victim.client(1, { memory })]);
  await load.answered(5);

  const killed: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await sleep(draw.whole(50, 1_200));
    const target = targetOf(round, draw);
    killed.push(target);
    await killSomething(target, victim, draw);
    if (!victim.runs) await victim.start();
    await load.answered(8);
  }
  await load.stop();
  await victim.well();
  const checkpoints = await seen.stop();

  const figures = await expectNothingLost({
    load,
    url: victim.url,
    client: victim.client(100, { memory }),
    checkpoints,
    memory,
  });
  t.diagnostic(JSON.stringify({ rounds, requests: load.requests, requestsLost: load.lost, ...figures }));
  t.diagnostic(
    JSON.stringify(
      Object.groupBy(killed, (name) => name),
      (_, v) => (Array.isArray(v) ? v.length : v),
    ),
  );
  assert.ok(figures.unanswered > 0, 'no answer was ever lost: the kills missed the load');
  assert.equal(await victim.stop(), 0);
  await runRivulet(['audit'], { dataFolder: victim.dataFolder });
  await runRivulet(['fsck'], { dataFolder: victim.dataFolder });
});
