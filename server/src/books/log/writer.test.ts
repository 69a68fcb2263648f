import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import type { Batch } from './batch.ts';
import { ensureBook } from './head-store.ts';
import type { Family, Work } from './work.ts';
import { Writer, type WriterOptions } from './writer.ts';

const database = await freshDatabase();
let books = 0;

interface Held {
  writer: Writer;
  bookId: number;
  loads: number;
  bugs: unknown[];
  work(entry: string, step?: string): Work<number>;
}

async function open(options: Partial<WriterOptions> = {}, bookId = ++books): Promise<Held> {
  const row = { bookId, book: `b${bookId}`, origin: `example.org/${bookId}`, purpose: 'test' as const };
  const client = await database.pool.connect();
  await ensureBook(client, row);
  client.release();
  const bugs: unknown[] = [];
  const connect = async () => {
    const own = new pg.Client(database.app);
    await own.connect();
    return own;
  };
  const writer = new Writer(row, { connect, onBug: (error) => bugs.push(error), ...options });
  const held: Held = {
    writer,
    bookId,
    loads: 0,
    bugs,
    work: (entry, step) => ({
      family,
      size: 1,
      build(batch: Batch) {
        if (step !== undefined)
          batch.write(async (tx) => {
            await tx.query(step);
          });
        return batch.append(`{"kind":"x","x":"${entry}"}`);
      },
    }),
  };
  const family: Family = {
    name: 'test',
    async load() {
      held.loads++;
    },
  };
  writer.register(family);
  writer.start();
  after(() => writer.stop());
  return held;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`never: ${what}`);
}

const leads = ({ writer }: Held) => until(() => writer.state === 'leading', 'it leads');

async function entries(bookId: number): Promise<string[]> {
  const { rows } = await database.pool.query('select entries from log.batch where book_id = $1 order by first_index', [
    bookId,
  ]);
  return rows.flatMap(({ entries: framed }) => {
    const texts: string[] = [];
    for (let at = 0; at < framed.length; ) {
      const length = framed.readUInt16BE(at);
      texts.push(framed.toString('utf8', at + 2, at + 2 + length));
      at += 2 + length;
    }
    return texts;
  });
}

test('a book opens with log.open and a tick, indices are dense, a tick is said once a second at most', async () => {
  let now = new Date('2026-11-18T08:00:01.900Z');
  const held = await open({ now: () => now });
  await leads(held);
  assert.equal((await held.writer.submit(held.work('a'))).result, 2);
  assert.equal((await held.writer.submit(held.work('b'))).result, 3);
  now = new Date('2026-11-18T08:00:02.100Z');
  await held.writer.submit({ ...held.work(''), build: (batch) => batch.write(async () => {}) });
  assert.equal((await held.writer.submit(held.work('小'))).result, 5);
  now = new Date('2026-11-18T07:00:00.000Z');
  assert.equal((await held.writer.submit(held.work('clock went back'))).result, 6);
  assert.deepEqual(await entries(held.bookId), [
    `{"book":"b${held.bookId}","format":1,"kind":"log.open","origin":"example.org/${held.bookId}","purpose":"test"}`,
    '{"kind":"log.tick","time":"2026-11-18T08:00:01Z"}',
    '{"kind":"x","x":"a"}',
    '{"kind":"x","x":"b"}',
    '{"kind":"log.tick","time":"2026-11-18T08:00:02Z"}',
    '{"kind":"x","x":"小"}',
    '{"kind":"x","x":"clock went back"}',
  ]);
});

test('of two writers one leads, the other refuses work until the first lets go', async () => {
  const first = await open();
  await leads(first);
  const second = await open({}, first.bookId);
  await assert.rejects(second.writer.submit(second.work('no')), { code: 'not_the_writer' });
  await first.writer.submit(first.work('yes'));
  await first.writer.stop();
  await leads(second);
  assert.equal((await second.writer.submit(second.work('now'))).result, 3 + (await tickBefore(second.bookId)));
});

async function tickBefore(bookId: number): Promise<number> {
  return (await entries(bookId)).filter((entry) => entry.includes('log.tick')).length - 1;
}

test('a writer whose epoch is over writes nothing, says so, and reads the head again', async () => {
  const held = await open();
  await leads(held);
  await held.writer.submit(held.work('a'));
  await database.pool.query('update log.head set epoch = epoch + 1 where book_id = $1', [held.bookId]);
  await assert.rejects(held.writer.submit(held.work('b')), { code: 'not_the_writer' });
  await leads(held);
  await held.writer.submit(held.work('c'));
  const said = (await entries(held.bookId)).filter((entry) => entry.includes('"x"'));
  assert.deepEqual(said, ['{"kind":"x","x":"a"}', '{"kind":"x","x":"c"}']);
  assert.equal(held.loads, 2);
});

test('a value that the database cannot hold fails its own work and no other', async () => {
  const held = await open();
  await leads(held);
  const works = ['a', 'b', 'c', 'd'].map((name) => held.work(name, name === 'c' ? `select 'x'::int` : undefined));
  const outcomes = await Promise.allSettled(works.map((work) => held.writer.submit(work)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(held.bugs, []);
  const said = (await entries(held.bookId)).filter((entry) => entry.includes('"x"'));
  assert.deepEqual(
    said.map((entry) => entry.slice(-3, -2)),
    ['a', 'b', 'd'],
  );
});

test('a lost connection fails what it was writing with advice to send again, and the writer comes back by itself', async () => {
  const held = await open();
  await leads(held);
  await held.writer.submit(held.work('a'));
  const cut = held.work('cut', 'select pg_terminate_backend(pg_backend_pid())');
  await assert.rejects(held.writer.submit(cut), { code: 'database_away' });
  await leads(held);
  await held.writer.submit(held.work('b'));
  await database.pool
    .query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    .catch(() => {});
  await until(() => held.loads >= 3, 'it reads everything again though nothing was being written');
  await leads(held);
  await held.writer.submit(held.work('c'));
  const said = (await entries(held.bookId)).filter((entry) => entry.includes('"x"'));
  assert.deepEqual(
    said.map((entry) => entry.slice(-3, -2)),
    ['a', 'b', 'c'],
  );
});

test('a queue that is full refuses more, and what it took is written', async () => {
  const held = await open({ maxQueue: 3, maxBatch: 1 });
  await leads(held);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => held.writer.submit(held.work(`${i}`))),
  );
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.ok(refused.length > 0 && refused.every(({ reason }) => reason.code === 'busy'));
  const said = (await entries(held.bookId)).filter((entry) => entry.includes('"x"'));
  assert.equal(said.length, 12 - refused.length);
});

test('our own mistake in a batch writes nothing of it and is told as a bug', async () => {
  const held = await open();
  await leads(held);
  const broken: Work<number> = {
    ...held.work('z'),
    build(batch) {
      batch.append('{"kind":"x","x":"half"}');
      throw new TypeError('ours');
    },
  };
  await assert.rejects(held.writer.submit(broken), TypeError);
  assert.equal(held.bugs.length, 1);
  assert.equal(held.writer.state, 'stopped');
  assert.deepEqual(await entries(held.bookId), []);
});
