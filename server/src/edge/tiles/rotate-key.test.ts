import assert from 'node:assert/strict';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  followRotations,
  formatVerifierKey,
  parseNote,
  parseRotations,
  parseVerifierKey,
  verifyNote,
} from '@rivulet/verifier';
import { fastify } from 'fastify';
import { addKey, type KeyExchange, keyPaths, newKeyText, newLogKey, rotateLogKey } from '#books/log';
import { connect, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { BookLog, serveLog } from './index.ts';

const database = await freshDatabase();

/** An open log, and a rotation that commits its entries as a writer would. */
async function openLog() {
  const made = await newLogBook(database);
  const client = await connect(database);
  after(() => client.end());
  const settings = { book: made.book, dataFolder: made.dataFolder, address: database.app, minIntervalMs: 20 };
  const log = await BookLog.open(client, settings);
  after(() => log.stop());
  const said: string[] = [];
  const secrets = join(made.dataFolder, 'secrets');
  const rotation: KeyExchange = {
    secrets,
    row: made.book,
    client,
    async append(entry, key) {
      const index = await made.head();
      await made.commit([entry]);
      await addKey(client, made.book.bookId, index, key);
      said.push(`${key.state} ${key.vkey}`);
      log.wake(index + 1);
      return index;
    },
    published: (size) => log.waitFor(size),
    prove: (index) => log.prove([index]),
    reload: () => log.reloadKeys(),
  };
  await made.commit(['{"entry":0}']);
  log.wake(1);
  await log.waitFor(1);
  return { ...made, log, settings, client, secrets, rotation, said };
}

const signerOf = (note: string, vkeys: readonly string[]) =>
  vkeys.filter((vkey) => {
    try {
      return verifyNote(parseNote(note), [parseVerifierKey(vkey)]).length === 1;
    } catch {
      return false;
    }
  });

test('a new key is announced under the old one, then signs; the old one is said to be retired', async () => {
  const { log, secrets, book, rotation, said } = await openLog();
  const old = log.vkeys().split('\n')[0] as string;
  const next = await newLogKey(secrets, book.book);
  await assert.rejects(newLogKey(secrets, book.book), { code: 'key_exists' });
  const notes = new Map<number, string>();
  log.onPublished(({ size, note }) => notes.set(size, note));
  assert.equal(await rotateLogKey(rotation), true);
  await log.waitFor(3);
  assert.deepEqual(said, [`active ${next}`, `retired ${old}`]);
  assert.deepEqual(signerOf(notes.get(2) as string, [old, next]).at(0), old);
  assert.deepEqual(signerOf(notes.get(3) as string, [old, next]), [next]);
  assert.equal(log.vkeys().split('\n')[0], next);
  assert.deepEqual(signerOf(log.sign('a promise\n'), [old, next]), [next]);
  assert.equal(await rotateLogKey(rotation), false);
  assert.equal(said.length, 2);
});

test('who knows the first key alone is led to the newest by what the log keeps of each rotation', async () => {
  const { log, secrets, book, rotation } = await openLog();
  const first = parseVerifierKey(log.vkeys().split('\n')[0] as string);
  assert.deepEqual(log.rotations(), []);
  const vkeys = [];
  for (let i = 0; i < 2; i++) {
    vkeys.push(await newLogKey(secrets, book.book));
    await rotateLogKey(rotation);
  }
  const followed = followRotations([first], log.rotations());
  assert.deepEqual(
    followed.map(({ to }) => formatVerifierKey(to)),
    vkeys,
  );
  const app = fastify();
  await serveLog(app, { logs: [log.served], main: book.book });
  const { body } = await app.inject('/log/rotations');
  assert.deepEqual(parseRotations(body), log.rotations());
});

test('a rotation that stops anywhere goes on where it was', async () => {
  const { rotation, secrets, book, said, log } = await openLog();
  await newLogKey(secrets, book.book);
  const failing = (part: Partial<KeyExchange>) => rotateLogKey({ ...rotation, ...part });
  const no = () => Promise.reject(new Error('no'));
  await assert.rejects(failing({ append: no }), /no/);
  await assert.rejects(failing({ published: no }), /no/);
  await assert.rejects(failing({ prove: no }), /no/);
  await assert.rejects(failing({ reload: no }), /no/);
  // The keys are exchanged on disk; a new start signs with the new one and says the rest.
  await log.reloadKeys();
  await rotateLogKey(rotation);
  await log.waitFor(3);
  assert.deepEqual(
    said.map((line) => line.split(' ')[0]),
    ['active', 'retired'],
  );
  assert.equal(log.state.condition, 'following');
});

test('a book that has signed never gets another key by itself', async () => {
  const { log, secrets, book, settings, client } = await openLog();
  await log.stop();
  const { log: path } = keyPaths(secrets, book.book);
  await chmod(path, 0o644);
  await assert.rejects(BookLog.open(client, settings), { code: 'key_permissions' });
  await rm(path);
  await assert.rejects(BookLog.open(client, settings), { code: 'key_missing' });
  assert.ok(newKeyText('x', 1).startsWith('PRIVATE+KEY+x+'));
});
