/** A database restored from before what was published: the log comes back from its bundles, or the rescue refuses and changes nothing. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonical } from '@rivulet/verifier';
import {
  closeBook,
  closeWindow,
  fsck,
  openWindows,
  type RescuedEntries,
  type RescueOptions,
  type RescueReport,
  rescueBook,
} from '#books/log';
import { connect, type LogBook, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';

const database = await freshDatabase();
const tick = (second: number) => canonical({ kind: 'log.tick', time: `2026-11-18T08:00:0${second}Z` });
const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"entry":${from + i}}`);

/** Publishes 100, then `more` entries; the database then goes back to 100, of which 100 were signed and 20 more were waiting. */
async function lostBook(more: readonly string[]): Promise<LogBook & { keysOf(): RescueOptions['keys'] }> {
  const log = await newLogBook(database);
  const integrator = log.integrator();
  await log.commit(entries(0, 100));
  await integrator.pass();
  await log.commit(entries(100, 20));
  const keep = async (table: string) =>
    (await database.pool.query(`select * from log.${table} where book_id = $1`, [log.book.bookId])).rows[0];
  const [head, signed] = [await keep('head'), await keep('signed')];
  await log.commit(more);
  await integrator.pass();
  await integrator.close();
  await database.pool.query('delete from log.batch where book_id = $1 and first_index >= 120', [log.book.bookId]);
  await database.pool.query('update log.head set next_index = $2 where book_id = $1', [
    log.book.bookId,
    head.next_index,
  ]);
  await database.pool.query(
    'update log.signed set size = $2, root = $3, note = $4, signed_at = $5 where book_id = $1',
    [log.book.bookId, signed.size, signed.root, signed.note, signed.signed_at],
  );
  return { ...log, keysOf: () => [log.keys.log.verifier, ...(log.keys.witness ? [log.keys.witness.verifier] : [])] };
}

async function rescue(
  log: LogBook & { keysOf(): RescueOptions['keys'] },
  more: Partial<RescueOptions> = {},
): Promise<RescueReport> {
  const client = await connect(database);
  const restore = async () => {};
  const options = { book: log.book, files: log.files(), client, keys: log.keysOf(), restore, ...more };
  return await rescueBook(options).finally(() => client.end());
}

async function expectSound(log: LogBook & { keysOf(): RescueOptions['keys'] }): Promise<void> {
  const client = await connect(database);
  const { book } = log;
  const report = await fsck({ book, files: log.files(), client, keys: log.keysOf() }).finally(() => client.end());
  assert.deepEqual(report.problems, []);
  assert.equal(report.size, await log.head());
}

test('what was published and lost comes back entry by entry, and the book goes on from there', async () => {
  const log = await lostBook([tick(3), ...entries(121, 700), tick(5), ...entries(822, 3)]);
  await assert.rejects(log.integrator().pass(), { reason: 'outside_ahead' });
  const told: RescuedEntries[] = [];
  const report = await rescue(log, { restore: async (_tx, some) => void told.push(some) });
  assert.deepEqual(report, { from: 120, to: 825, restored: 705, wasBehind: true });
  assert.deepEqual(
    told.map(({ first, next }) => [first, next]),
    [
      [120, 256],
      [256, 512],
      [512, 768],
      [768, 825],
    ],
  );
  assert.equal(Buffer.from(told[0]?.entries[1] as Uint8Array).toString(), '{"entry":121}');
  const { rows } = await database.pool.query('select last_tick, epoch from log.head where book_id = $1', [
    log.book.bookId,
  ]);
  assert.deepEqual([rows[0].last_tick, rows[0].epoch], [new Date('2026-11-18T08:00:05Z'), '1']);

  const integrator = log.integrator({ renewMs: 0 });
  assert.equal((await integrator.pass())?.size, 825);
  await log.commit(entries(825, 300));
  assert.equal((await integrator.pass())?.size, 1125);
  await integrator.close();
  await expectSound(log);
});

test('the lost window stays marked until it is said to be matched', async () => {
  const log = await lostBook(entries(120, 50));
  await rescue(log);
  const client = await connect(database);
  const [window] = await openWindows(client, log.book.bookId);
  assert.deepEqual([window?.from, window?.to], [120, 170]);
  assert.ok(await closeWindow(client, log.book.bookId, 120));
  assert.ok(!(await closeWindow(client, log.book.bookId, 120)));
  assert.deepEqual(await openWindows(client, log.book.bookId), []);
  await client.end();
});

test('a book that is not behind is left alone', async () => {
  const log = await lostBook(entries(120, 50));
  await rescue(log);
  assert.equal((await rescue(log)).wasBehind, false);
});

test('when only the signature was lost, nothing is restored but the signed state', async () => {
  const log = await lostBook(entries(120, 50));
  await log.commit(entries(120, 50));
  assert.deepEqual(await rescue(log), { from: 170, to: 170, restored: 0, wasBehind: true });
  assert.equal((await log.integrator().pass())?.size, 170);
});

test('a database that went on by itself after it was restored is refused: there are two histories', async () => {
  const log = await lostBook(entries(120, 50));
  await log.commit(entries(9000, 5));
  await assert.rejects(rescue(log), { reason: 'forked', names: 'index 120' });
  assert.equal(await log.head(), 125);
  const client = await connect(database);
  await closeBook(client, log.book.bookId);
  await client.end();
  await assert.rejects(log.integrator().pass(), { reason: 'closed' });
});

test('a damaged bundle or tile in the window is named and nothing is changed', async () => {
  const log = await lostBook(entries(120, 700));
  for (const [path, expected] of [
    ['tile/entries/001', { reason: 'damaged', names: 'tile/entries/001' }],
    ['tile/0/001', { rule: 'tile.differs', where: 'tile/0/001' }],
  ] as const) {
    const bytes = await readFile(join(log.folder, path));
    bytes[6] = (bytes[6] as number) ^ 1;
    await writeFile(join(log.folder, path), bytes);
    await assert.rejects(rescue(log), expected);
    bytes[6] = (bytes[6] as number) ^ 1;
    await writeFile(join(log.folder, path), bytes);
  }
  assert.equal(await log.head(), 120);
});

test('a rescue that fails half-way changes nothing, and works the next time', async () => {
  const log = await lostBook(entries(120, 700));
  let calls = 0;
  const restore = async () => {
    if (++calls === 3) throw new Error('no');
  };
  await assert.rejects(rescue(log, { restore }), /no/);
  await assert.rejects(rescue(log, { check: () => Promise.reject(new Error('the audit fails')) }), /audit/);
  assert.equal(await log.head(), 120);
  assert.equal((await rescue(log)).restored, 700);
});

test('a book in use is not rescued', async () => {
  const log = await newLogBook(database);
  await log.commit(entries(0, 3));
  const integrator = log.integrator();
  await integrator.pass();
  const inUse = rescue({ ...log, keysOf: () => [log.keys.log.verifier] });
  await assert.rejects(inUse, { code: 'server_running' });
  await integrator.close();
});
