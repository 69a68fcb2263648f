import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestKey } from '../../test/book.ts';
import { checkpointBody, parseCheckpoint } from './checkpoint.ts';
import { emptyRoot } from './merkle.ts';
import { formatVerifierKey, parseNote, parseVerifierKey, verifyNote } from './note.ts';

const example = {
  vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  note: 'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
};

test('the example of the signed-note specification verifies, and not when one letter changes', () => {
  const key = parseVerifierKey(example.vkey);
  assert.equal(formatVerifierKey(key), example.vkey);
  assert.deepEqual(verifyNote(parseNote(example.note), [key]), [{ key }]);
  assert.throws(() => verifyNote(parseNote(example.note.replace('This', 'Thus')), [key]), { rule: 'note.signature' });
});

test('a cosignature signs the note and its time', () => {
  const log = new TestKey('example.org/log');
  const witness = new TestKey('example.org/log/witness', 4);
  const body = checkpointBody('example.org/log', 0, emptyRoot());
  const note = parseNote(`${body}\n${log.sign(body)}${witness.sign(body, 1_795_000_000)}`);
  assert.deepEqual(verifyNote(note, [log.key, witness.key]), [
    { key: log.key },
    { key: witness.key, time: 1_795_000_000 },
  ]);
  assert.equal(verifyNote(note, [log.key]).length, 1, 'signatures of unknown keys are ignored');
  assert.throws(() => verifyNote(note, [new TestKey('someone.else').key]), { rule: 'note.unsigned' });
  assert.throws(() => verifyNote(note, []), { rule: 'note.unsigned' });
  const cosignature = note.signatures[1]?.signature as Uint8Array;
  cosignature.set([(cosignature[7] as number) + 1], 7);
  assert.throws(() => verifyNote(note, [log.key, witness.key]), { rule: 'note.signature' });
});

test('a key with another id, algorithm or length is no key', () => {
  for (const vkey of [
    '',
    'example.com/foo',
    example.vkey.replace('530d903a', '530d903b'),
    example.vkey.replace('example.com', 'example.net'),
    example.vkey.replace('+Aek', '+BOk'),
    `${example.vkey.slice(0, -4)}`,
  ]) {
    assert.throws(() => parseVerifierKey(vkey), { name: 'NoteError', rule: 'key.format' }, vkey);
  }
});

test('what is no signed note is refused', () => {
  for (const text of [
    '',
    'text\n',
    'text\n\n',
    'text\n\nno dash\n',
    example.note.slice(0, -1),
    example.note.replace('—', '-'),
    example.note.replace('example.com/foo U', 'example.com/foo  U'),
    example.note.replace('message', 'mess\rage'),
    example.note.replace('IneyaQM=', 'IneyaQN='),
    `text\n\n${'— a AAAAAAA=\n'.repeat(101)}`,
    `${'x'.repeat(1_000_001)}`,
  ]) {
    assert.throws(() => parseNote(text), { name: 'NoteError' }, text.slice(0, 100));
  }
});

test('a checkpoint has an origin, a size without leading zeros, a root, and maybe more lines', () => {
  const body = checkpointBody('example.org/log', 5, emptyRoot());
  assert.deepEqual(parseCheckpoint(body), { origin: 'example.org/log', size: 5, root: emptyRoot(), extensions: [] });
  assert.deepEqual(parseCheckpoint(`${body}more\n`).extensions, ['more']);
  for (const bad of [
    body.replace('5', '05'),
    body.replace('5', '-5'),
    body.replace('5', '9007199254740992'),
    body.replace('=', ''),
    body.slice(0, -1),
    body.replace('example.org/log', ''),
    'a\n1\n',
  ]) {
    assert.throws(() => parseCheckpoint(bad), { rule: 'checkpoint.format' }, bad);
  }
});
