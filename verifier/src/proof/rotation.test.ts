import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { origin, publicId, TestBook, TestKey } from '../../test/book.ts';
import { canonical } from '../entry/canonical.ts';
import { followRotations, parseRotations } from './rotation.ts';
import type { Rotation } from './tlog-proof.ts';

const book = new TestBook();
const first = book.logKey;
const [second, third] = [new TestKey(origin, 1, 'second'), new TestKey(origin, 1, 'third')];
let rotations: Rotation[] = [];
const ids = (keys: TestKey[], said: readonly Rotation[] = rotations) =>
  followRotations(
    keys.map(({ key }) => key),
    said,
  ).map(({ from, to }) => [from.keyId, to.keyId]);
const step = (from: TestKey, to: TestKey) => [from.key.keyId, to.key.keyId];

before(async () => {
  book.terms(book.market([publicId('a')]));
  rotations = [await book.rotate(second), await book.rotate(third)];
});

test('belief passes from key to key, as far as each is proved under the one before', () => {
  assert.deepEqual(ids([first]), [step(first, second), step(second, third)]);
  assert.deepEqual(ids([second]), [step(second, third)]);
  assert.deepEqual(ids([third]), []);
  assert.deepEqual(ids([first], rotations.slice(1)), [], 'the first step is missing');
  assert.deepEqual(ids([first, second, third]), []);
});

test('who holds only the new key makes no rotation from the old one', async () => {
  const thief = new TestBook();
  thief.terms(thief.market([publicId('a')]));
  thief.logKey = second;
  const own = new TestKey(origin, 1, 'thief');
  const made = await thief.rotate(own);
  assert.deepEqual(ids([first], [made]), [], 'signed by the new key');
  const [real] = rotations as [Rotation];
  const relabelled = canonical({ key: own.vkey, kind: 'log.key', role: 'log', state: 'active' });
  const refused = { rule: 'rotation.proof' };
  assert.throws(() => ids([first], [{ ...real, entry: relabelled }]), refused);
  assert.throws(() => ids([first], [{ ...made, checkpoint: real.checkpoint }]), refused);
  assert.throws(() => ids([first], [{ ...real, index: real.index - 1 }]), refused);
  const touched = real.checkpoint.replace(/^(.*\n)(\d+)/, (_all, line, size) => `${line}${Number(size) + 1}`);
  assert.deepEqual(ids([first], [{ ...real, checkpoint: touched }]), [], 'the signature is gone');
});

test('only an announcement of a key of this log that becomes active passes belief on', async () => {
  const say = async (members: { key: string; role: 'log' | 'witness'; state: 'active' | 'retired' }) => {
    const other = new TestBook();
    const made = await other.rotate(second, members);
    return () => ids([other.logKey === second ? first : other.logKey], [made]);
  };
  const strange = new TestKey('example.net/log', 1, 'strange');
  const refused = { rule: 'rotation.proof' };
  assert.throws(await say({ key: second.vkey, role: 'log', state: 'retired' }), refused);
  assert.throws(await say({ key: strange.vkey, role: 'log', state: 'active' }), refused);
  assert.throws(await say({ key: second.vkey, role: 'witness', state: 'active' }), refused);
});

test('the file of rotations has one object a line and nothing else', () => {
  const file = rotations.map((one) => `${JSON.stringify(one)}\n`).join('');
  assert.deepEqual(parseRotations(file), rotations);
  assert.deepEqual(parseRotations(''), []);
  const all = Array(101).fill(file.split('\n')[0]).join('\n');
  for (const wrong of ['<html>', '[]', file.replace('"index"', '"place"'), all]) {
    assert.throws(() => parseRotations(wrong), { rule: 'rotation.format' });
  }
});
