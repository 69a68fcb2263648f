import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RivuletClient } from '@rivulet/client';
import { livePostmaster, stopPostmaster } from '#edge/postgres';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { runRivulet, type SpawnedServer, spawnServer, urlOf } from '../../../../test/support/server.ts';

const base = await mkdtemp(join(tmpdir(), 'rivulet-start-'));
const dataFolder = join(base, 'data');
after(async () => {
  const pid = await livePostmaster(join(dataFolder, 'postgres/cluster'));
  if (pid !== null) await stopPostmaster(pid);
  await rm(base, { recursive: true, force: true });
});

/** Gone at the end of its test, whatever happens. */
async function started(t: TestContext, environment: Record<string, string> = {}): Promise<SpawnedServer> {
  const server = await spawnServer({ dataFolder, environment });
  t.after(() => server.stop());
  return server;
}

async function stopped(server: SpawnedServer): Promise<void> {
  assert.equal(await server.stop(), 0, [...server.said, ...server.errors].join('\n'));
}

/** Pid in the lock file of the embedded PostgreSQL. */
async function postmaster(): Promise<number | null> {
  const text = await readFile(join(dataFolder, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function healthy(url: string, patienceMs = 20_000): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await sleep(50)) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.status === 200) return;
    if (Date.now() > end) throw new Error(`not well: ${await answer?.text()}`);
  }
}

let key = '';
const source = { name: { en: 'Shop' }, zone: 'Asia/Shanghai', currencies: ['CNY'] };

test('a first start says exactly one line of where it is; SIGTERM stops it and its PostgreSQL cleanly', async (t) => {
  const server = await started(t);
  await healthy(server.url);
  const pid = (await postmaster()) as number;
  await stopped(server);
  assert.equal(server.said.filter((line) => line.startsWith('Rivulet is at ')).length, 1);
  assert.ok(server.said.some((line) => line.includes('key new --operator')));
  assert.equal(server.said.at(-1), 'Rivulet has stopped');
  assert.equal(isAlive(pid), false);
  await assert.rejects(readFile(join(dataFolder, 'server.json')), { code: 'ENOENT' });
});

test('keys are made, listed and revoked without a server', async () => {
  key = (await runRivulet(['key', 'new', '--operator', '--label', 'mine'], { dataFolder })).trim();
  assert.match(key, /^rvk_[0-9a-z]{16}_[0-9a-z]{32}$/);
  const other = (await runRivulet(['key', 'new', '--operator', '--ttl', '60'], { dataFolder })).trim();
  await runRivulet(['key', 'revoke', other.split('_')[1] as string], { dataFolder });
  const list = await runRivulet(['key', 'list'], { dataFolder });
  assert.match(list, /operator {2}valid .*mine/);
  assert.match(list, /operator {2}revoked/);
  assert.ok(!list.includes(key.split('_')[2] as string));
  const pid = await postmaster();
  assert.ok(pid === null || !isAlive(pid), 'the command stopped the PostgreSQL that it started');
  await assert.rejects(runRivulet(['key', 'revoke', 'nothing'], { dataFolder }), /there is no key/);
  await assert.rejects(runRivulet(['key', 'new'], { dataFolder }), /--operator, or --source/);
});

test('the next start goes on where it was, and a key made while it runs works at once', async (t) => {
  const server = await started(t);
  const client = new RivuletClient({ url: server.url, key });
  assert.equal((await client.putSource('shop-1', source)).outcome, 'created');
  const own = (await runRivulet(['key', 'new', '--source', 'shop-1'], { dataFolder })).trim();
  const made = (
    await runRivulet(['key', 'new', '--source', 'shop-2', '--name', '小店', '--test'], { dataFolder })
  ).trim();
  for (const [id, text] of [
    ['shop-1', own],
    ['shop-2', made],
  ] as const) {
    const answer = await fetch(`${server.url}/v1/giving/sources/${id}/days/2026-11-18`, {
      headers: { authorization: `Bearer ${text}` },
    });
    assert.equal(answer.status, 200, await answer.text());
  }
  assert.equal((await client.putSource('shop-1', source)).outcome, 'unchanged');
  await stopped(server);
});

test('a source and its key are made without a server too', async (t) => {
  const made = await runRivulet(['key', 'new', '--source', 'shop-3', '--name', 'Third'], { dataFolder });
  assert.match(made, /^rvk_\S+\n$/);
  const server = await started(t);
  const client = new RivuletClient({ url: server.url, key });
  assert.equal(
    (await client.putSource('shop-3', { ...source, name: { en: 'Third', zh: 'Third' } })).outcome,
    'unchanged',
  );
  await stopped(server);
});

test('after SIGKILL of the server the next start adopts its PostgreSQL and goes on', async (t) => {
  const first = await started(t);
  await healthy(first.url);
  const pid = await postmaster();
  await first.kill();
  const second = await started(t);
  await healthy(second.url);
  assert.equal(await postmaster(), pid);
  const client = new RivuletClient({ url: second.url, key });
  assert.equal((await client.putSource('shop-1', source)).outcome, 'unchanged');
  await stopped(second);
  assert.equal(isAlive(pid as number), false);
});

test('after SIGKILL of PostgreSQL the server starts it again and takes work', async (t) => {
  const server = await started(t);
  const client = new RivuletClient({ url: server.url, key });
  await client.putSource('shop-4', source);
  const pid = (await postmaster()) as number;
  process.kill(pid, 'SIGKILL');
  // The client repeats what is answered with 503.
  assert.equal((await client.putSource('shop-5', source)).outcome, 'created');
  // Its processes outlive their postmaster for a moment, and may well have taken that work.
  for (const end = Date.now() + 20_000; (await postmaster()) === pid && Date.now() < end; ) await sleep(50);
  await healthy(server.url);
  assert.notEqual(await postmaster(), pid);
  assert.equal((await client.putSource('shop-4', source)).outcome, 'unchanged');
  await stopped(server);
});

test('a terminal’s Ctrl-C, which npm passes on a second time, is one stop', async (t) => {
  const server = await started(t);
  server.child.kill('SIGINT');
  await sleep(20);
  server.child.kill('SIGINT');
  await stopped(server);
  assert.equal(server.said.at(-1), 'Rivulet has stopped');
});

test('a port that was asked for must be free; the usual one need not be', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.once('error', () => resolve()).listen(4800, '127.0.0.1', resolve));
  await assert.rejects(started(t, { PORT: '4800' }), /EADDRINUSE|in use/);
  const server = await started(t, { PORT: '' });
  assert.notEqual(new URL(server.url).port, '4800');
  await stopped(server);
  await new Promise((resolve) => holder.close(resolve));
});

test('without the dedupe key that the database was written under, it does not start', async (t) => {
  const path = join(dataFolder, 'secrets/dedupe.key');
  await rename(path, `${path}.away`);
  await assert.rejects(started(t), /dedupe\.key is missing, and this database was written under it/);
  await rename(`${path}.away`, path);
  await rename(join(dataFolder, 'secrets/code.key'), `${path}.kept`);
  await rename(path, join(dataFolder, 'secrets/code.key'));
  await rename(`${path}.kept`, path);
  await assert.rejects(started(t), /dedupe\.key is not the secret/);
});

test('DATABASE_URL: one role is enough, and it says what that costs; two roles keep quiet', async () => {
  const database = await freshDatabase();
  for (const [address, warned] of [
    [database.app, false],
    [database.superuser, true],
  ] as const) {
    const environment = { DATABASE_URL: urlOf(address) };
    const server = await spawnServer({ dataFolder: join(base, 'external'), environment });
    await healthy(server.url);
    assert.equal(
      server.said.some((line) => line.includes('only triggers keep the books append-only')),
      warned,
    );
    await stopped(server);
  }
});
