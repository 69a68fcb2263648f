import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicId, sourceOf, TestBook, TestKey } from '../../test/book.ts';
import { checkConsistency } from './consistency.ts';
import { checkPromise, promiseIn, verifyPromise } from './promise.ts';
import { verifyCheckpoint } from './signed-checkpoint.ts';

const time = Date.parse('2026-11-18T08:00:30Z') / 1000;

function bookOf(gifts: number, least = 2): TestBook {
  const book = new TestBook();
  const terms = book.terms(book.market([publicId('a')]));
  for (let i = 0; i < gifts; i++) book.gift(terms, least + (i % 3));
  return book;
}

async function check(book: TestBook, promise: string, size: number, seconds = time): Promise<string> {
  const keys = [book.logKey.key, book.witnessKey.key];
  const files = book.files(size, seconds);
  const checkpoint = verifyCheckpoint(new TextDecoder().decode(files.get('checkpoint')), keys);
  return (await checkPromise(verifyPromise(promise, keys), checkpoint, sourceOf(files))).state;
}

test('a promise is kept when its leaves are in the log, across tiles', async () => {
  const book = bookOf(900);
  assert.equal(await check(book, book.promise(250, 780, '2026-11-18T08:00:20Z'), 900), 'kept');
  assert.equal(await check(book, book.promise(899, 899, '2026-11-18T08:00:20Z'), 900), 'kept');
});

test('a promise is broken when the log was seen without its entries after their time, not before', async () => {
  const book = bookOf(300);
  const promise = book.promise(290, 299, '2026-11-18T08:00:30Z');
  assert.equal(await check(book, promise, 299, time), 'waiting');
  assert.equal(await check(book, promise, 299, time + 1), 'broken');
  assert.equal(await check(book, promise, 300, time + 1), 'kept');
});

test('a promise is broken when the log has other entries in its place', async () => {
  const book = bookOf(300);
  const other = bookOf(299);
  other.say('log.tick', { time: '2026-11-18T08:00:09Z' });
  assert.equal(
    await check(book, other.promise(290, other.entries.length - 1, '2026-11-18T08:00:30Z'), book.entries.length),
    'broken',
  );
});

test('a promise of another key or another text is none', () => {
  const book = bookOf(1);
  const note = book.promise(1, 2, '2026-11-18T08:00:30Z');
  assert.equal(verifyPromise(promiseIn(JSON.stringify({ results: [], promise: note })), [book.logKey.key]).last, 2);
  assert.throws(() => verifyPromise(note, [new TestKey('example.org/log', 1, 'other').key]), { rule: 'note.unsigned' });
  assert.throws(() => verifyPromise(note.replace('\n1 2\n', '\n1 3\n'), [book.logKey.key]), { rule: 'note.signature' });
  assert.throws(() => verifyPromise(note.replace('\n1 2\n', '\n3 2\n'), [book.logKey.key]), { rule: 'promise.format' });
  assert.throws(() => promiseIn('{"promise":null}'), { rule: 'promise.format' });
});

test('two checkpoints are consistent or the fork is named', async () => {
  const book = bookOf(700);
  const fork = bookOf(700, 5);
  const keys = [book.logKey.key];
  const signed = (of: TestBook, size: number) =>
    verifyCheckpoint(new TextDecoder().decode(of.files(size).get('checkpoint')), keys);
  const newest = signed(book, 700);
  const source = sourceOf(book.files(700));
  assert.ok((await checkConsistency(signed(book, 300), newest, source)) > 0);
  assert.ok((await checkConsistency(newest, signed(book, 1), source)) > 0);
  assert.equal(await checkConsistency(newest, newest, undefined), 0);
  await assert.rejects(checkConsistency(signed(fork, 300), newest, source), { rule: 'log.fork' });
  await assert.rejects(checkConsistency(signed(fork, 700), newest, source), { rule: 'log.fork' });
  await assert.rejects(checkConsistency(newest, signed(fork, 650), source), { rule: 'log.fork' });
  await assert.rejects(checkConsistency(signed(book, 300), newest, undefined), TypeError);
});
