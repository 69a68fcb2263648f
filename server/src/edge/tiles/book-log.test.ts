import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import {
  leafHash,
  openBundle,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@rivulet/verifier';
import Fastify from 'fastify';
import { connect, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { BookLog, type BookLogOptions, serveLog } from './index.ts';

const database = await freshDatabase();

async function openLog(options: Partial<BookLogOptions> = {}) {
  const made = await newLogBook(database);
  const client = await connect(database);
  const settings = {
    book: made.book,
    dataFolder: made.dataFolder,
    address: database.app,
    minIntervalMs: 50,
    ...options,
  };
  const log = await BookLog.open(client, settings).finally(() => client.end());
  after(() => log.stop());
  return { ...made, log, settings };
}

const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"entry":${from + i}}`);

test('what is committed is published within a second, and every entry can be proved', async () => {
  const { log, commit } = await openLog();
  for (let from = 0; from < 600; from += 100) {
    await commit(entries(from, 100));
    log.wake(from + 100);
  }
  const begun = Date.now();
  await log.waitFor(600);
  assert.ok(Date.now() - begun < 1000);
  const proved = await log.prove([0, 255, 256, 599]);
  const { root, size } = parseCheckpoint(proved.checkpoint);
  for (const { index, entry, path } of proved.entries) {
    assert.equal(entry, `{"entry":${index}}`);
    assert.ok(verifyInclusion(index, size, leafHash(Buffer.from(entry)), path, root));
  }
  const keys = log.vkeys().trim().split('\n').map(parseVerifierKey);
  assert.equal(verifyNote(parseNote(proved.checkpoint), keys).length, 2);
  assert.equal(verifyNote(parseNote(log.sign('a promise\n')), keys)[0]?.key.algorithm, 1);
  await assert.rejects(log.prove([600]), { code: 'not_published' });
  assert.deepEqual(log.behind(), { entries: 0, seconds: 0 });
  assert.equal(log.pressure(), null);
  await log.stop();
});

test('nothing is accepted before the log was checked once', async () => {
  const { log } = await openLog();
  assert.equal(log.pressure()?.code, 'log_starting');
  await log.waitFor(0);
  while (log.state.condition === 'starting') await sleep(10);
  assert.equal(log.pressure(), null);
  await log.stop();
});

test('while it stands still the log goes on saying when it was seen', async () => {
  const { log, commit } = await openLog({ renewMs: 200 });
  await commit(entries(0, 3));
  log.wake(3);
  await log.waitFor(3);
  const first = log.published()?.note as string;
  const times = new Set<number | undefined>();
  const key = parseVerifierKey(log.vkeys().split('\n')[1] as string);
  log.onPublished(({ note }) => {
    assert.equal(parseNote(note).body, parseNote(first).body);
    times.add(verifyNote(parseNote(note), [key])[0]?.time);
  });
  await sleep(2200);
  assert.ok(times.size >= 2, `${times.size} times`);
  assert.ok((log.signedSecondsAgo() as number) < 1);
  await log.stop();
});

test('a clean stop leaves nothing unpublished, and the next start goes on with the same keys', async () => {
  const { log, commit, settings } = await openLog();
  await commit(entries(0, 10));
  const vkeys = log.vkeys();
  await log.stop();
  const client = await connect(database);
  const again = await BookLog.open(client, settings);
  await client.end();
  while (again.published() === null) await sleep(10);
  assert.equal(again.published()?.size, 10);
  assert.equal(again.vkeys(), vkeys);
  await again.stop();
});

test('an older size is proved to begin the published one', async () => {
  const { log, commit } = await openLog();
  await commit(entries(0, 300));
  log.wake(300);
  await log.waitFor(300);
  const old = parseCheckpoint(log.published()?.note as string);
  await commit(entries(300, 77));
  log.wake(377);
  await log.waitFor(377);
  const { path, checkpoint } = await log.consistency(300);
  const now = parseCheckpoint(checkpoint);
  assert.ok(verifyConsistency(300, now.size, path, old.root, now.root));
  await log.stop();
});

test('a log that stops says so to whoever waits, signs no promise and asks for refusal', async () => {
  const { log, commit, files, book } = await openLog();
  await commit(entries(0, 10));
  log.wake(10);
  await log.waitFor(10);
  const waiting = assert.rejects(log.waitFor(1000), { code: 'log_stopped' });
  await files().publish(`${log.published()?.note}`.replace(book.origin, `${book.origin}x`));
  await commit(entries(10, 1));
  log.wake(11);
  await waiting;
  assert.deepEqual([log.state.condition, log.state.reason], ['stopped', 'damaged']);
  assert.equal(log.pressure()?.code, 'log_stopped');
  assert.throws(() => log.sign('a promise\n'), { code: 'log_stopped' });
});

test('the log is served as tlog-tiles, and nothing beyond the published checkpoint', async () => {
  const { log, commit } = await openLog();
  await commit(entries(0, 300));
  log.wake(300);
  await log.waitFor(300);
  const app = Fastify();
  await serveLog(app, { logs: [log], main: log.book.book });
  const get = (url: string, headers = {}) => app.inject({ url, headers });

  const checkpoint = await get('/log/checkpoint');
  assert.equal(checkpoint.headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(String(checkpoint.headers['cache-control']), /max-age=1$/);
  assert.equal(parseCheckpoint(checkpoint.body).size, 300);
  assert.equal((await get(`/books/${log.book.book}/log/checkpoint`)).body, checkpoint.body);
  assert.equal((await get('/log/vkeys')).body, log.vkeys());
  assert.equal((await get('/log/vkey')).body, `${log.vkeys().split('\n')[0]}\n`);

  const tile = await get('/log/tile/0/000');
  assert.equal(tile.rawPayload.length, 8192);
  assert.equal(tile.headers['content-type'], 'application/octet-stream');
  assert.equal(tile.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal((await get('/log/tile/1/000.p/1')).rawPayload.length, 32);

  const bundle = await get('/log/tile/entries/001.p/44', { 'accept-encoding': 'br, gzip' });
  assert.equal(bundle.headers['content-encoding'], 'gzip');
  assert.equal(openBundle(gunzipSync(bundle.rawPayload)).length, 44);
  const plain = await get('/log/tile/entries/001.p/44', { 'accept-encoding': 'gzip;q=0' });
  assert.deepEqual(plain.rawPayload, gunzipSync(bundle.rawPayload));

  for (const path of [
    'tile/0/001',
    'tile/0/001.p/45',
    'tile/0/000.p/256',
    'tile/0/0',
    'tile/00/000',
    'tile/0/x000/000',
    'tile/0/000.p/01',
    'tile/entries/..%2f..%2fcheckpoint',
    'tile/entries/%2fetc/passwd',
    '.swept',
    '.drafts/x',
    'checkpoint/',
    'guard',
  ]) {
    assert.equal((await get(`/log/${path}`)).statusCode, 404, path);
  }
  assert.equal((await get('/books/nobody/log/checkpoint')).statusCode, 404);
  await app.close();
  await log.stop();
});
