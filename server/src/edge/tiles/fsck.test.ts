/** One bit flipped anywhere in a log is found and named; a sound log has no problems. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseTilePath } from '@rivulet/verifier';
import { type FsckReport, fsck } from '#books/log';
import { connect, type LogBook, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';

const database = await freshDatabase();

const entries = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"entry":${from + i}}`);

/** 66,000 entries: every sort of tile, full and partial, on three levels; older partial ones beside them; 30 entries not integrated yet. */
const log = await newLogBook(database);
const integrator = log.integrator();
for (const size of [3, 100, 300, 700, 65_536, 65_792, 65_900, 66_000]) {
  const head = await log.head();
  for (let from = head; from < size; from += 20_000) await log.commit(entries(from, Math.min(20_000, size - from)));
  await integrator.pass();
}
await log.commit(entries(66_000, 30));
await integrator.close();

async function check(of: LogBook = log): Promise<FsckReport> {
  const client = await connect(database);
  const keys = [of.keys.log, of.keys.witness].flatMap((key) => (key === null ? [] : [key.verifier]));
  return await fsck({ book: of.book, files: of.files(), client, keys }).finally(() => client.end());
}

/** Changes a file for the time of one check. */
async function withFile(path: string, change: (bytes: Buffer) => Buffer | null): Promise<FsckReport> {
  const full = join(log.folder, path);
  const bytes = await readFile(full);
  const changed = change(Buffer.from(bytes));
  if (changed === null) await rm(full);
  else await writeFile(full, changed);
  try {
    return await check();
  } finally {
    await writeFile(full, bytes);
  }
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] as number) ^ 4;
  return bytes;
};

test('a sound log has no problems, every entry is told in order, and progress is reported', async () => {
  let told = 0;
  let progress = 0;
  const client = await connect(database);
  const keys = [log.keys.log, log.keys.witness].flatMap((key) => (key === null ? [] : [key.verifier]));
  const report = await fsck({
    book: log.book,
    files: log.files(),
    client,
    keys,
    onEntry(index, entry) {
      assert.equal(index, told++);
      if (index % 1000 === 0) assert.equal(Buffer.from(entry).toString(), `{"entry":${index}}`);
    },
    onProgress(done, total) {
      assert.equal(total, 66_000);
      progress = done;
    },
  }).finally(() => client.end());
  assert.deepEqual(report.problems, []);
  assert.deepEqual([report.size, report.rows, told, progress], [66_000, 12, 66_000, 66_000]);
});

test('a flipped bit in any sort of tile or bundle is named, and nothing else is', async () => {
  for (const path of [
    'tile/0/000',
    'tile/0/255',
    'tile/0/257.p/208',
    'tile/1/000',
    'tile/1/001.p/1',
    'tile/2/000.p/1',
    'tile/entries/000',
    'tile/entries/255',
    'tile/entries/257.p/208',
    // Partial ones that a full one has followed, or a wider.
    'tile/0/000.p/3',
    'tile/entries/000.p/100',
    'tile/0/257.p/108',
    'tile/entries/001.p/44',
  ]) {
    const level = parseTilePath(path)?.level;
    const report = await withFile(path, flip(level === 'entries' ? 9 : 5));
    assert.deepEqual(
      report.problems.map(({ place }) => place),
      [path],
    );
  }
});

test('a bundle whose framing broke, a file cut short, a file that is gone are named', async () => {
  const named = async (report: Promise<FsckReport>) => (await report).problems.map(({ place }) => place);
  assert.deepEqual(await named(withFile('tile/entries/007', flip(1))), ['tile/entries/007']);
  assert.deepEqual(await named(withFile('tile/entries/007', (bytes) => bytes.subarray(0, -1))), ['tile/entries/007']);
  assert.deepEqual(await named(withFile('tile/0/007', (bytes) => bytes.subarray(0, -1))), ['tile/0/007']);
  assert.deepEqual(await named(withFile('tile/0/007', () => null)), ['tile/0/007']);
  assert.deepEqual(await named(withFile('tile/entries/007', () => null)), ['tile/entries/007']);
  assert.deepEqual(await named(withFile('tile/1/000', () => null)), ['tile/1/000']);
});

test('a file that has no business there is named', async () => {
  await writeFile(join(log.folder, 'tile/0/999x'), 'hello');
  assert.deepEqual(
    (await check()).problems.map(({ place }) => place),
    ['tile/0/999x'],
  );
  await rm(join(log.folder, 'tile/0/999x'));
});

test('a flipped bit in the checkpoint, in its cosignature, or in the guard is named', async () => {
  const note = await readFile(join(log.folder, 'checkpoint'), 'utf8');
  for (const at of [note.indexOf('\n') + 1, note.indexOf('\n\n') - 10, note.length - 20]) {
    const report = await withFile('checkpoint', flip(at));
    assert.deepEqual(
      report.problems.map(({ place }) => place),
      [join(log.folder, 'checkpoint')],
    );
  }
  const guard = await readFile(log.guardPath);
  await writeFile(log.guardPath, flip(30)(Buffer.from(guard)));
  assert.deepEqual(
    (await check()).problems.map(({ place }) => place),
    [log.guardPath],
  );
  await writeFile(log.guardPath, guard);
});

test('a flipped bit in a row is named, and so is a row that is gone', async () => {
  const flipByte = (first: number, at: number) =>
    database.pool.query(
      'update log.batch set entries = set_byte(entries, $3, get_byte(entries, $3) # 1) where book_id = $1 and first_index = $2',
      [log.book.bookId, first, at],
    );
  for (const [first, at] of [
    [300, 12],
    [300, 1],
    [66_000, 1],
  ] as const) {
    await flipByte(first, at);
    const { problems } = await check();
    assert.deepEqual(
      problems.map(({ place }) => place),
      [`log.batch ${first} of book ${log.book.book}`],
    );
    await flipByte(first, at);
  }
  const gone = 'delete from log.batch where book_id = $1 and first_index = 66000 returning *';
  const { rows } = await database.pool.query(gone, [log.book.bookId]);
  assert.match((await check()).problems[0]?.words as string, /no row holds entry 66000/);
  const { book_id, first_index, next_index, accepted_at, entries: framed } = rows[0];
  await database.pool.query('insert into log.batch values ($1, $2, $3, $4, $5)', [
    book_id,
    first_index,
    next_index,
    accepted_at,
    framed,
  ]);
  const { rows: signed } = await database.pool.query('select root from log.signed where book_id = $1', [
    log.book.bookId,
  ]);
  const set = 'update log.signed set root = $2 where book_id = $1';
  await database.pool.query(set, [log.book.bookId, flip(3)(Buffer.from(signed[0].root))]);
  assert.deepEqual(
    (await check()).problems.map(({ place }) => place),
    [`log.signed of book ${log.book.book}`],
  );
  await database.pool.query(set, [log.book.bookId, signed[0].root]);
  assert.deepEqual((await check()).problems, []);
});

test('a database older than what is published is named with its rescue', async () => {
  const { rows } = await database.pool.query('select * from log.signed where book_id = $1', [log.book.bookId]);
  await database.pool.query('delete from log.signed where book_id = $1', [log.book.bookId]);
  const { problems } = await check();
  assert.match(problems[0]?.words as string, /rivulet book rescue/);
  const { book_id, size, root, note, signed_at } = rows[0];
  await database.pool.query('insert into log.signed values ($1, $2, $3, $4, $5)', [
    book_id,
    size,
    root,
    note,
    signed_at,
  ]);
});
