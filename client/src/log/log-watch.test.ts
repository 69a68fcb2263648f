import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SmallLog } from '../../test/small-log.ts';
import { inFolder } from '../node/index.ts';
import { Transport } from '../transport.ts';
import { LogBroken } from './log-broken.ts';
import { LogWatch } from './log-watch.ts';
import { inMemory, type LogMemory } from './memory.ts';

const log = new SmallLog();
for (let i = 0; i < 300; i += 1) log.append(`entry ${i}`);
/** Same first 200 leaves, same keys, another history from there. */
const liar = new SmallLog();
for (let i = 0; i < 300; i += 1) liar.append(`entry ${i < 200 ? i : -i}`);

let published = log.checkpoint(1_000, 300);
const { server, url } = await log.serve(() => published);
const folder = await mkdtemp(join(tmpdir(), 'rivulet-memory-'));
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function watch(memory: LogMemory = inMemory(), keys: string[] | null = null): LogWatch {
  return new LogWatch({ book: 'main', transport: new Transport({ url }), memory, keys });
}
const broken = (reason: string) => (error: unknown) => error instanceof LogBroken && error.reason === reason;

test('checkpoints that grow out of each other pass, in whatever order they come', async () => {
  const eye = watch();
  for (const size of [100, 290, 7, 300, 256]) await eye.see(log.checkpoint(900, size));
  assert.equal(await eye.newest(), log.checkpoint(900, 300));
});

test('a checkpoint of another history is refused with both notes as evidence', async () => {
  const eye = watch();
  await eye.see(liar.checkpoint(900, 250));
  const error = await eye.see(log.checkpoint(901, 300)).catch((reason) => reason);
  assert.equal(broken('forked')(error), true);
  assert.deepEqual(error.evidence, [liar.checkpoint(900, 250), log.checkpoint(901, 300)]);
});

test('tiles that do not make the signed root are named as what is wrong', async () => {
  const eye = watch();
  await eye.see(log.checkpoint(900, 250));
  await assert.rejects(eye.see(liar.checkpoint(901, 300)), broken('tiles'));
});

test('two roots at one size are a fork', async () => {
  const eye = watch();
  await eye.see(log.checkpoint(900, 300));
  await assert.rejects(eye.see(liar.checkpoint(900, 300)), broken('forked'));
});

test('a checkpoint by another key is refused, and so is any text that is no note', async () => {
  const eye = watch(inMemory(), log.keys.trim().split('\n'));
  await assert.rejects(eye.see(new SmallLog(2).checkpoint(900, 0)), broken('signature'));
  await assert.rejects(eye.see('size 12'), broken('malformed'));
});

test('what one run saw in its folder binds the next', async () => {
  await watch(inFolder(folder)).see(liar.checkpoint(900, 250));
  await assert.rejects(watch(inFolder(folder)).see(log.checkpoint(901, 300)), broken('forked'));
});

test('a promise is kept, waits, or is broken by a later checkpoint that lacks it', async () => {
  const memory = inFolder(join(folder, 'promises'));
  const eye = watch(memory);
  published = log.checkpoint(Date.parse('2026-11-18T08:00:01Z') / 1_000, 200);
  await eye.keepPromise(log.promise(150, 199, '2026-11-18T08:00:02Z'));
  await eye.keepPromise(log.promise(200, 209, '2026-11-18T08:00:03Z'));
  assert.deepEqual((await eye.checkPromises()).map(({ verdict }) => verdict).sort(), ['kept', 'waiting']);
  published = log.checkpoint(Date.parse('2026-11-18T08:00:09Z') / 1_000, 200);
  const [verdict] = await eye.checkPromises();
  assert.deepEqual([verdict?.verdict, verdict?.verdict === 'broken' && verdict.checkpoint], ['broken', published]);
  assert.equal((await memory.promises('main')).length, 1, 'the evidence stays');
});

test('a promise whose leaves were exchanged is broken', async () => {
  const eye = watch();
  published = log.checkpoint(2_000_000_000, 300);
  await eye.keepPromise(liar.promise(190, 210, '2026-11-18T08:00:02Z'));
  assert.deepEqual(
    (await eye.checkPromises()).map(({ verdict }) => verdict),
    ['broken'],
  );
});

test('a client that holds the old key follows the rotations that the log proves, and keeps the new key', async () => {
  const log = new SmallLog();
  for (let i = 0; i < 40; i += 1) log.append(`entry ${i}`);
  const old = log.keys.trim().split('\n');
  const before = log.checkpoint(1_000, 20);
  log.rotate(3);
  log.append('entry 41');
  log.rotate(4);
  log.append('entry 43');
  const { server, url } = await log.serve(() => log.checkpoint(2_000));
  const memory = inMemory();
  const eye = () => new LogWatch({ book: 'main', transport: new Transport({ url }), memory, keys: old });
  const first = eye();
  await first.see(before);
  await first.keepPromise(log.promise(30, 39, '2026-11-18T08:00:02Z'));
  await first.see(log.checkpoint(1_001));
  assert.deepEqual(
    (await eye().checkPromises()).map(({ verdict }) => verdict),
    ['kept'],
    'so does the next run with the old key',
  );
  assert.ok((await memory.log('main'))?.keys.includes(log.keys.split('\n')[0] as string));
  log.rotations.pop();
  await assert.rejects(
    new LogWatch({ book: 'main', transport: new Transport({ url }), memory: inMemory(), keys: old }).refresh(),
    broken('signature'),
  );
  server.close();
});
