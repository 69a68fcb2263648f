/** The tile store full or unwritable: integration waits with a named reason, accepts a bounded backlog, forgets nothing, goes on by itself. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultPoints, fsck, IntegrationLoop, type Integrator } from '#books/log';
import { connect, type LogBook, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { BookLog, TileFolder } from './index.ts';

const database = await freshDatabase();

const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"entry":${from + i}}`);

function loopOver(integrator: Integrator): IntegrationLoop & { readonly seen: string[] } {
  const seen: string[] = [];
  const loop = new IntegrationLoop({
    integrator,
    minIntervalMs: 10,
    pollMs: 50,
    onPublished() {},
    onState: ({ condition, reason }) => seen.push(reason === null ? condition : `${condition} ${reason}`),
  });
  after(() => loop.stop());
  loop.start();
  return Object.assign(loop, { seen });
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await what()); ) {
    assert.ok(Date.now() < end, 'it happens within ten seconds');
    await sleep(10);
  }
}

async function expectSound(log: LogBook, files = log.files()): Promise<void> {
  const client = await connect(database);
  const keys = [log.keys.log, log.keys.witness].flatMap((key) => (key === null ? [] : [key.verifier]));
  const report = await fsck({ book: log.book, files, client, keys }).finally(() => client.end());
  assert.deepEqual(report.problems, []);
  assert.equal(report.size, await log.head());
}

for (const [code, reason] of [
  ['ENOSPC', 'tile_store_full'],
  ['EDQUOT', 'tile_store_full'],
  ['EACCES', 'tile_store_unwritable'],
  ['EROFS', 'tile_store_unwritable'],
  ['EIO', 'tile_store_unwritable'],
] as const) {
  test(`${code} pauses integration as ${reason}; when it is over everything is published`, async () => {
    const log = await newLogBook(database);
    let full = false;
    const faults: FaultPoints = {
      reach(point, when) {
        if (full && point === 'tile.write' && when === 'after') throw Object.assign(new Error(code), { code });
      },
    };
    const loop = loopOver(log.integrator({ faults }));
    await log.commit(entries(0, 300));
    await until(() => loop.state.size === 300);
    full = true;
    await log.commit(entries(300, 300));
    loop.wake();
    await until(() => loop.state.condition === 'paused');
    assert.equal(loop.state.reason, reason);
    await log.commit(entries(600, 10));
    assert.equal(loop.state.size, 300);
    full = false;
    await until(() => loop.state.size === 610);
    assert.equal(loop.state.condition, 'following');
    await loop.stop();
    await expectSound(log);
  });
}

test('a tile store that is not where it should be pauses integration until it is back', async () => {
  const log = await newLogBook(database);
  const loop = loopOver(log.integrator());
  await log.commit(entries(0, 300));
  await until(() => loop.state.size === 300);
  await rename(log.folder, `${log.folder}.away`);
  await writeFile(log.folder, 'not a folder');
  await log.commit(entries(300, 10));
  await until(() => loop.state.condition === 'paused');
  assert.match(String(loop.state.reason), /^tile_store_un/);
  rmSync(log.folder);
  await rename(`${log.folder}.away`, log.folder);
  await until(() => loop.state.size === 310);
  await loop.stop();
  await expectSound(log);
});

test('a database that goes away pauses integration until it is back', async () => {
  const log = await newLogBook(database);
  let away = false;
  const open = () => (away ? Promise.reject(new Error('connect ECONNREFUSED')) : connect(database));
  const loop = loopOver(log.integrator({ connect: open }));
  await log.commit(entries(0, 3));
  await until(() => loop.state.size === 3);
  away = true;
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = (hashtext('rivulet.integration')::bigint & 4294967295)::oid
     and objid = $1`,
    [log.book.bookId],
  );
  await log.commit(entries(3, 3));
  await until(() => loop.state.condition === 'paused');
  assert.equal(loop.state.reason, 'database_away');
  away = false;
  await until(() => loop.state.size === 6);
  await loop.stop();
  await expectSound(log);
});

test('a really full file system', { skip: cannotMount() }, async () => {
  const place = mkdtempSync(join(tmpdir(), 'rivulet-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place]);
  after(() => {
    execFileSync('umount', [place]);
    rmSync(place, { recursive: true });
  });
  const log = await newLogBook(database);
  const files = new TileFolder(join(place, 'log'), log.guardPath);
  const loop = loopOver(log.integrator({ files }));
  await log.commit(entries(0, 300));
  await until(() => loop.state.size === 300);
  await log.commit(entries(300, 10_000));
  loop.wake();
  await until(() => loop.state.condition === 'paused');
  assert.equal(loop.state.reason, 'tile_store_full');
  execFileSync('mount', ['-o', 'remount,size=4m', place]);
  await until(() => loop.state.size === 10_300);
  await loop.stop();
  await expectSound(log, files);
});

test('a log that cannot keep up asks for new work to be refused, says why, and takes it again afterwards', async () => {
  const made = await newLogBook(database);
  const client = await connect(database);
  const log = await BookLog.open(client, {
    book: made.book,
    dataFolder: made.dataFolder,
    address: database.app,
    minIntervalMs: 20,
    bounds: { entries: 500, seconds: 60 },
  });
  await client.end();
  after(() => log.stop());
  await made.commit(entries(0, 300));
  log.wake(300);
  await log.waitFor(300);
  await rename(made.folder, `${made.folder}.away`);
  await writeFile(made.folder, 'not a folder');
  await made.commit(entries(300, 400));
  log.wake(700);
  await until(() => log.state.condition === 'paused');
  assert.equal(log.pressure(), null);
  await made.commit(entries(700, 200));
  log.wake(900);
  assert.equal(log.pressure()?.code, 'log_behind');
  assert.match(String(log.pressure()?.message), /600 entries .*tile_store_un/);
  assert.equal(log.behind().entries, 600);
  rmSync(made.folder);
  await rename(`${made.folder}.away`, made.folder);
  await log.waitFor(900);
  assert.equal(log.pressure(), null);
  assert.deepEqual(log.behind(), { entries: 0, seconds: 0 });
});

function cannotMount(): string | false {
  const place = mkdtempSync(join(tmpdir(), 'rivulet-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    return false;
  } catch {
    return 'it takes the right to mount a small file system';
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
