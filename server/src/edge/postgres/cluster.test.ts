import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Cluster, startCluster } from './cluster.ts';
import { chooseRunAs } from './run-as.ts';

const root = process.getuid?.() === 0;
const base = await mkdtemp(join(tmpdir(), 'rivulet-cluster-'));
after(() => rm(base, { recursive: true, force: true }));

/** Durable settings as in production, except where a test says otherwise. */
const folder = join(base, 'data', 'postgres');

async function ask<T>(cluster: Cluster, sql: string): Promise<T> {
  const client = new pg.Client(cluster.address('superuser', 'postgres'));
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0] as T;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean | Promise<boolean>, patienceMs = 20_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await condition()); await sleep(50)) {
    if (Date.now() > end) throw new Error('waited in vain');
  }
}

test('a first start makes a durable cluster with checksums, reached by its socket and password alone', async () => {
  const cluster = await startCluster({ folder });
  assert.equal(cluster.adopted, false);
  for (const [name, value] of [
    ['data_checksums', 'on'],
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
    ['listen_addresses', ''],
    ['server_encoding', 'UTF8'],
  ]) {
    assert.equal(await ask(cluster, `show ${name}`), value, name);
  }
  assert.equal(await ask(cluster, 'select datlocale from pg_database where datname = current_database()'), 'C.UTF-8');
  assert.equal((await stat(join(folder, 'passwords'))).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, 'socket'))).mode & 0o777, 0o700);
  const wrong = new pg.Client({ ...cluster.address('superuser', 'postgres'), password: 'wrong' });
  await assert.rejects(wrong.connect(), { code: '28P01' });
  assert.equal(await cluster.stop(), 'stopped');
});

test('a live cluster is adopted, and stopped by whoever leaves last', async () => {
  const first = await startCluster({ folder });
  const client = new pg.Client(first.address('superuser', 'postgres'));
  await client.connect();
  const second = await startCluster({ folder });
  assert.equal(second.adopted, true);
  assert.equal(second.pid, first.pid);
  assert.equal(await second.stop(), 'left to others');
  await client.end();
  assert.equal(await first.stop(), 'stopped');
  assert.equal(await second.stop(), 'stopped');
});

test('a postmaster killed with SIGKILL is started again, and what was committed is there', async () => {
  const cluster = await startCluster({ folder, keepAlive: true });
  await ask(cluster, 'create table kept as select 42 as n');
  const before = cluster.pid;
  process.kill(before, 'SIGKILL');
  await until(() => cluster.pid !== before);
  assert.equal(await ask(cluster, 'select n from kept'), 42);
  assert.equal(await cluster.stop(), 'stopped');
});

test('a lock file whose pid now belongs to another program does not hold up the start', async () => {
  await writeFile(join(folder, 'cluster', 'postmaster.pid'), `${process.pid}\n`);
  const cluster = await startCluster({ folder });
  assert.notEqual(cluster.pid, process.pid);
  assert.equal(await cluster.stop(), 'stopped');
});

test('two starts at once share one cluster', async () => {
  const shared = join(base, 'two', 'postgres');
  const options = { folder: shared, durable: false };
  const [one, two] = await Promise.all([startCluster(options), startCluster(options)]);
  assert.equal(one.pid, two.pid);
  await one.stop({ evenWhenUsed: true });
});

test('a path too long for a socket still works', async () => {
  const deep = join(base, 'd'.repeat(120), 'postgres');
  const cluster = await startCluster({ folder: deep, durable: false });
  assert.ok(cluster.address('app', 'postgres').host.length < 90);
  assert.equal(await ask(cluster, 'select 1'), 1);
  await cluster.stop();
  await rm(cluster.address('app', 'postgres').host, { recursive: true });
});

for (const way of ['unshare', 'setpriv', 'setuid'] as const) {
  test(`as root it runs by ${way}, also on a cluster that another way made`, {
    skip: root ? false : 'not root',
  }, async (t) => {
    const parent = join(base, 'as-root');
    await mkdir(parent, { recursive: true });
    // What stands above is closed to everyone else, as /root is; mere setuid cannot pass that.
    await chmod(base, way === 'setuid' ? 0o711 : 0o700);
    const place = join(parent, 'postgres');
    const impossible = await chooseRunAs(parent, '/bin/true', [way]).then(
      () => '',
      (error: Error) => error.message,
    );
    if (impossible) return t.skip(impossible);
    const cluster = await startCluster({ folder: place, durable: false, only: [way] });
    assert.equal(cluster.runAs.name, way);
    assert.equal(await ask(cluster, 'select 1'), 1);
    assert.equal(await cluster.stop(), 'stopped');
  });
}
