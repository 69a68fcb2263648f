import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptAnswers } from './kept-answers.ts';

test('an answer is made once, for all who ask at the same time and after', async () => {
  const kept = new KeptAnswers(1_000_000);
  let made = 0;
  const make = async () => {
    made += 1;
    return Buffer.from('bundle');
  };
  const all = await Promise.all([kept.get('a', make), kept.get('a', make)]);
  all.push(await kept.get('a', make));
  for (const bytes of all) assert.equal(String(bytes), 'bundle');
  assert.equal(made, 1);
});

test('no more bytes are kept than allowed, and the one used longest ago goes first', async () => {
  const kept = new KeptAnswers(12_000);
  const made: string[] = [];
  const ask = (key: string) =>
    kept.get(key, async () => {
      made.push(key);
      return Buffer.alloc(5_000);
    });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key);
  assert.deepEqual(made, ['a', 'b', 'c', 'b']);
  assert.equal(kept.bytes, 10_000);
});

test('what is not there, and what cannot be read, is asked for again', async () => {
  const kept = new KeptAnswers(10_000);
  assert.equal(await kept.get('a', async () => null), null);
  await assert.rejects(kept.get('a', () => Promise.reject(new Error('disk'))));
  assert.equal(String(await kept.get('a', async () => Buffer.from('at last'))), 'at last');
});
