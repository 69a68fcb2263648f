/** The four things that must be one history, each made to disagree. Whatever happens, nothing is signed. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseNote, parseVerifierKey, verifyNote } from '@rivulet/verifier';
import { parseKeyText, signCheckpoint } from '#books/log';
import { type LogBook, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';

const database = await freshDatabase();

const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"entry":${from + i}}`);

/** A book that published 100 entries, then 200, with its database as it was at 100 kept to go back to. */
async function publishedBook(): Promise<LogBook & { restoreOlder(): Promise<void> }> {
  const log = await newLogBook(database);
  const integrator = log.integrator();
  await log.commit(entries(0, 100));
  await integrator.pass();
  const { rows } = await database.pool.query('select * from log.signed where book_id = $1', [log.book.bookId]);
  await log.commit(entries(100, 100));
  await integrator.pass();
  await integrator.close();
  return {
    ...log,
    async restoreOlder() {
      const { book_id, size, root, note, signed_at } = rows[0];
      await database.pool.query('delete from log.batch where book_id = $1 and first_index >= 100', [book_id]);
      await database.pool.query('update log.head set next_index = 100 where book_id = $1', [book_id]);
      await database.pool.query(
        'update log.signed set size = $2, root = $3, note = $4, signed_at = $5 where book_id = $1',
        [book_id, size, root, note, signed_at],
      );
    },
  };
}

async function expectStop(log: LogBook, reason: string, names: string | RegExp): Promise<void> {
  const read = async () => [
    await log.files().published(),
    await log.files().guard(),
    (await database.pool.query('select size, note from log.signed where book_id = $1', [log.book.bookId])).rows,
  ];
  const before = await read();
  const integrator = log.integrator();
  await assert.rejects(integrator.pass(), (error: { reason?: string; names?: string; message?: string }) => {
    assert.equal(error.reason, reason, error.message);
    if (typeof names === 'string') assert.equal(error.names, names);
    else assert.match(String(error.message), names);
    return true;
  });
  await assert.rejects(integrator.pass(), { reason });
  await integrator.close();
  assert.deepEqual(await read(), before);
}

test('a database older than what is published stops the book and names the rescue', async () => {
  const log = await publishedBook();
  await log.restoreOlder();
  await expectStop(log, 'outside_ahead', `rivulet book rescue ${log.book.book}`);
});

test('an older database that has accepted more entries since is found out all the same', async () => {
  const log = await publishedBook();
  await log.restoreOlder();
  await log.commit(entries(5000, 300));
  await expectStop(log, 'outside_ahead', `rivulet book rescue ${log.book.book}`);
});

test('the guard alone finds an older database out, when the published files were restored with it', async () => {
  const log = await publishedBook();
  const guard = (await log.files().guard()) as string;
  await log.restoreOlder();
  const { rows } = await database.pool.query('select note from log.signed where book_id = $1', [log.book.bookId]);
  await log.files().publish(rows[0].note);
  assert.equal(await log.files().guard(), guard);
  await expectStop(log, 'outside_ahead', /guard/);
});

test('an empty database under a published log stops the book', async () => {
  const log = await publishedBook();
  await database.pool.query('delete from log.batch where book_id = $1', [log.book.bookId]);
  await database.pool.query('delete from log.signed where book_id = $1', [log.book.bookId]);
  await database.pool.query('update log.head set next_index = 0 where book_id = $1', [log.book.bookId]);
  await expectStop(log, 'outside_ahead', `rivulet book rescue ${log.book.book}`);
});

test('a signed state ahead of the head stops the book', async () => {
  const log = await publishedBook();
  await database.pool.query('update log.head set next_index = 150 where book_id = $1', [log.book.bookId]);
  await expectStop(log, 'outside_ahead', `rivulet book rescue ${log.book.book}`);
});

for (const which of ['checkpoint', 'guard'] as const) {
  test(`a flipped bit in the ${which} stops the book and is named`, async () => {
    const log = await publishedBook();
    const path = which === 'guard' ? log.guardPath : join(log.folder, 'checkpoint');
    const text = await readFile(path, 'utf8');
    // In the root, where the note still parses.
    const at = text.split('\n').slice(0, 2).join('\n').length + 4;
    await writeFile(path, text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1));
    await expectStop(log, 'damaged', path);
  });
}

test('another history of the same size, signed by the same key, stops the book', async () => {
  const log = await publishedBook();
  const note = signCheckpoint(log.book.origin, 200, Buffer.alloc(32, 7), 1_800_000_000, log.keys);
  await log.files().publish(note);
  await expectStop(log, 'forked', join(log.folder, 'checkpoint'));
});

test('another history of a smaller size stops the book', async () => {
  const log = await publishedBook();
  await log.files().writeGuard(signCheckpoint(log.book.origin, 100, Buffer.alloc(32, 7), 1_800_000_000, log.keys));
  await expectStop(log, 'forked', log.guardPath);
});

test('a checkpoint of a stranger stops the book', async () => {
  const log = await publishedBook();
  const stranger = parseKeyText(
    'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg',
  );
  await log
    .files()
    .publish(signCheckpoint(log.book.origin, 100, Buffer.alloc(32), 0, { log: stranger, witness: null }));
  await expectStop(log, 'damaged', join(log.folder, 'checkpoint'));
});

test('a damaged signed row stops the book', async () => {
  const log = await publishedBook();
  await database.pool.query('update log.signed set root = $2 where book_id = $1', [
    log.book.bookId,
    Buffer.alloc(32, 1),
  ]);
  await expectStop(log, 'damaged', `log.signed of book ${log.book.book}`);
});

test('a tile on the edge that is gone or has other bytes stops the book and is named', async () => {
  const log = await publishedBook();
  const path = 'tile/0/000.p/200';
  const bytes = await readFile(join(log.folder, path));
  await log.commit(entries(200, 1));
  bytes[7] = (bytes[7] as number) ^ 1;
  await writeFile(join(log.folder, path), bytes);
  await expectStop(log, 'damaged', 'tile/entries/000.p/200');
  await rm(join(log.folder, path));
  await expectStop(log, 'missing', path);
});

test('a file that lies where a new tile belongs is never overwritten', async () => {
  const log = await publishedBook();
  await log.commit(entries(200, 100));
  const path = join(log.folder, 'tile/entries/000');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'something else');
  await expectStop(log, 'differs', path);
  assert.equal(await readFile(path, 'utf8'), 'something else');
});

test('a lost or damaged row stops the book and is named', async () => {
  const log = await publishedBook();
  await log.commit(entries(200, 10));
  await log.commit(entries(210, 10));
  await database.pool.query(
    `update log.batch set entries = set_byte(entries, 1, 200) where book_id = $1 and first_index = 200`,
    [log.book.bookId],
  );
  await expectStop(log, 'damaged', `log.batch 200 of book ${log.book.book}`);
  await database.pool.query('delete from log.batch where book_id = $1 and first_index = 200', [log.book.bookId]);
  await expectStop(log, 'missing', /no row holds entry 200/);
});

test('a closed book signs nothing', async () => {
  const log = await publishedBook();
  await database.pool.query('update log.head set closed_at = now() where book_id = $1', [log.book.bookId]);
  await expectStop(log, 'closed', 'log.head');
});

test('a checkpoint or guard that is lost or was left behind by a crash is brought forward', async () => {
  const log = await publishedBook();
  const signed = await log.files().published();
  const older = signCheckpoint(
    log.book.origin,
    0,
    Buffer.from('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'base64'),
    1_700_000_000,
    log.keys,
  );
  await log.files().publish(older);
  await rm(log.guardPath);
  const integrator = log.integrator();
  assert.equal((await integrator.pass())?.size, 200);
  assert.equal(await log.files().published(), signed);
  assert.equal(await log.files().guard(), signed);
  await rm(join(log.folder, 'checkpoint'));
  await integrator.pass();
  assert.equal(await log.files().published(), signed);
});

test('the time of a cosignature never goes back, even when the clock does', async () => {
  const log = await newLogBook(database);
  const witness = parseVerifierKey(log.keys.witness?.vkey as string);
  const timeOf = async () => verifyNote(parseNote((await log.files().published()) as string), [witness])[0]?.time;
  let now = 1_800_000_000_000;
  const integrator = log.integrator({ now: () => new Date(now) });
  await integrator.pass();
  assert.equal(await timeOf(), 1_800_000_000);
  now -= 3_600_000;
  await log.commit(entries(0, 5));
  await integrator.pass();
  assert.equal(await timeOf(), 1_800_000_000);
  now += 3_600_000 + 2999;
  await integrator.pass();
  assert.equal(await timeOf(), 1_800_000_000);
  now += 2;
  await integrator.pass();
  assert.equal(await timeOf(), 1_800_000_003);
});

test('batches that the tiles hold are dropped after a while, the others never', async () => {
  const log = await newLogBook(database);
  const rows = async () =>
    (await database.pool.query('select count(*) from log.batch where book_id = $1', [log.book.bookId])).rows[0].count;
  let now = Date.now();
  const integrator = log.integrator({ now: () => new Date(now), keepBatchesMs: 300_000 });
  await log.commit(entries(0, 5), new Date(now - 400_000));
  await log.commit(entries(5, 5), new Date(now - 100_000));
  await integrator.pass();
  assert.equal(await rows(), '1');
  now += 400_000;
  await integrator.pass();
  assert.equal(await rows(), '0');
  await log.commit(entries(10, 5), new Date(now - 1_000_000));
  assert.equal(await rows(), '1');
  assert.equal((await integrator.pass())?.size, 15);
});
