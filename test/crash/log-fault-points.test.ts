/** The log at each of its external writes: lost, or written and reported as failed; the process dead, or living on. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseCheckpoint, verifyConsistency } from '@rivulet/verifier';
import { faultPoints, fsck, type Integrator, Prover } from '#books/log';
import { failOnce, failSometimes } from '../support/failing-world.ts';
import { connect, type LogBook, newLogBook } from '../support/log-book.ts';
import { freshDatabase } from '../support/postgres.ts';

const database = await freshDatabase();

/** Fifty entries of batch `b`. */
function entries(b: number): string[] {
  return Array.from({ length: 50 }, (_, i) => `{"batch":${b},"entry":${i}}`);
}

/** Every checkpoint seen so far must begin the newest; everything must be sound; every committed entry is there once, in order. */
async function audit(log: LogBook, seen: readonly string[]): Promise<void> {
  const client = await connect(database);
  const logged: string[] = [];
  const report = await fsck({
    book: log.book,
    files: log.files(),
    client,
    keys: [log.keys.log, log.keys.witness].flatMap((key) => (key === null ? [] : [key.verifier])),
    onEntry: (_index, entry) => logged.push(Buffer.from(entry).toString()),
  }).finally(() => client.end());
  assert.deepEqual(report.problems, []);
  assert.equal(report.size, await log.head());
  assert.deepEqual(logged, Array.from({ length: report.size / 50 }, (_, b) => entries(b)).flat());
  const note = await readFile(log.files().checkpointPath, 'utf8');
  const newest = parseCheckpoint(note);
  const prover = new Prover(log.files(), () => ({ size: newest.size, note }));
  for (const old of seen.map(parseCheckpoint)) {
    const { path } = await prover.consistency(old.size);
    assert.ok(old.size === 0 || verifyConsistency(old.size, newest.size, path, old.root, newest.root));
  }
}

async function passUntilDone(log: LogBook, integrator: Integrator, seen: string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 50, 'it goes on by itself');
    const pass = await integrator.pass().catch(() => null);
    const published = await log.files().published();
    if (published !== null) seen.push(published);
    if (pass !== null && pass.size === (await log.head())) return;
  }
}

for (const point of faultPoints.filter((name) => name !== 'partial.sweep')) {
  for (const when of ['before', 'after'] as const) {
    for (const survives of [false, true]) {
      const name = `${point} ${when === 'before' ? 'lost' : 'done but reported failed'}, ${survives ? 'the process lives on' : 'the process dies'}`;
      test(name, async () => {
        const log = await newLogBook(database);
        const seen: string[] = [];
        for (let nth = 1; nth <= 3; nth++) {
          const faults = failOnce(point, when, nth);
          const failing = log.integrator({ faults, renewMs: 0, keepBatchesMs: 0 });
          for (let b = 0; b < 4 && !faults.failed(); b++) {
            await log.commit(entries((await log.head()) / 50));
            await failing.pass().catch(() => {});
            seen.push((await log.files().published()) ?? '');
          }
          await log.commit(entries((await log.head()) / 50));
          if (!survives) await failing.close();
          const after = survives ? failing : log.integrator();
          await passUntilDone(log, after, seen);
          await after.close();
        }
        await audit(log, seen.filter(Boolean));
      });
    }
  }
}

test('writes that fail at random, in processes that die at random, leave one history', async () => {
  let seed = 20_261_118;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const log = await newLogBook(database);
  const seen: string[] = [];
  let integrator = log.integrator({ faults: failSometimes(random, 0.02), renewMs: 0 });
  for (let step = 0; step < 150; step++) {
    if (random() < 0.7) await log.commit(entries((await log.head()) / 50));
    if (random() < 0.2) {
      await integrator.close();
      integrator = log.integrator({ faults: failSometimes(random, 0.02), renewMs: 0 });
    }
    await integrator.pass().catch(() => {});
    seen.push((await log.files().published()) ?? '');
  }
  await integrator.close();
  await passUntilDone(log, log.integrator(), seen);
  await audit(log, seen.filter(Boolean));
});

test('two integrators racing sign one history', async () => {
  const log = await newLogBook(database);
  const seen: string[] = [];
  const racers = [1, 2, 3].map(() => log.integrator({ takesLock: false, renewMs: 0 }));
  for (let round = 0; round < 40; round++) {
    await log.commit(entries(round));
    const passes = await Promise.allSettled(racers.map((racer) => racer.pass()));
    for (const pass of passes) {
      if (pass.status === 'rejected') assert.equal((pass.reason as { code?: string }).code, 'signed_elsewhere');
    }
    seen.push((await log.files().published()) as string);
  }
  await passUntilDone(log, racers[0] as Integrator, seen);
  await audit(log, seen);
});

test('an integrator that was overtaken while it wrote signs nothing', async () => {
  const log = await newLogBook(database);
  for (let b = 0; b < 3; b++) await log.commit(entries(b));
  let reached = () => {};
  let goOn = () => {};
  const isThere = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const mayGo = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = log.integrator({
    takesLock: false,
    maxRows: 1,
    async connect() {
      const client = await connect(database);
      const query = client.query.bind(client) as (...asked: unknown[]) => Promise<unknown>;
      client.query = (async (...asked: unknown[]) => {
        if (JSON.stringify(asked[0]).includes('update log.signed')) {
          reached();
          await mayGo;
        }
        return await query(...asked);
      }) as typeof client.query;
      return client;
    },
  });
  assert.equal((await slow.pass())?.size, 50);
  const overtaken = assert.rejects(slow.pass(), { code: 'signed_elsewhere' });
  await isThere;
  const quick = log.integrator({ takesLock: false });
  assert.equal((await quick.pass())?.size, 150);
  goOn();
  await overtaken;
  assert.equal(parseCheckpoint((await log.files().published()) as string).size, 150);
  assert.equal((await slow.pass())?.size, 150);
  await audit(log, []);
});

test('while one process holds the lock another integrates nothing, and takes over when it lets go', async () => {
  const log = await newLogBook(database);
  await log.commit(entries(0));
  const [first, second] = [log.integrator(), log.integrator()];
  assert.equal((await first.pass())?.size, 50);
  assert.equal(await second.pass(), null);
  await first.close();
  assert.equal((await second.pass())?.size, 50);
});
