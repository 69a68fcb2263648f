import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointBody, emptyRoot, parseNote, parseVerifierKey, verifyNote } from '@rivulet/verifier';
import { keyPaths, newKeyText, parseKeyText, readKeyFile, writeKeyFile } from './key-file.ts';
import { signCheckpoint, signNote } from './sign.ts';

const published = 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg';

test('a key published by another implementation has the verifier key that they publish', () => {
  const key = parseKeyText(published);
  assert.equal(key.vkey, 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx');
});

test('a key that does not fit its own id, or is none, is refused', () => {
  assert.throws(() => parseKeyText(published.replace('33d7b496', '33d7b497')), { code: 'bad_key' });
  assert.throws(() => parseKeyText('PRIVATE+KEY+a+00000000+AAAA'), { code: 'bad_key' });
  assert.throws(() => newKeyText('a name', 1), RangeError);
});

test('a checkpoint carries the signature of the log and the timed cosignature of its witness', () => {
  const [log, witness] = [
    parseKeyText(newKeyText('example.org/log', 1)),
    parseKeyText(newKeyText('example.org/log/witness', 4)),
  ];
  const note = signCheckpoint('example.org/log', 0, emptyRoot(), 1_800_000_000, { log, witness });
  const verified = verifyNote(parseNote(note), [parseVerifierKey(log.vkey), parseVerifierKey(witness.vkey)]);
  assert.deepEqual(
    verified.map(({ key, time }) => [key.name, time]),
    [
      ['example.org/log', undefined],
      ['example.org/log/witness', 1_800_000_000],
    ],
  );
  assert.equal(parseNote(note).body, checkpointBody('example.org/log', 0, emptyRoot()));
  assert.throws(() => signNote('no newline', log), /newline/);
});

test('key files are private, never overwritten, and refused when others may read them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rivulet-keys-'));
  try {
    const { log: path } = keyPaths(join(folder, 'secrets'), 'main');
    const text = newKeyText('example.org/log', 1);
    await writeKeyFile(path, text);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'secrets'))).mode & 0o777, 0o700);
    await assert.rejects(writeKeyFile(path, newKeyText('example.org/log', 1)), { code: 'key_exists' });
    assert.equal(await readFile(path, 'utf8'), text);
    assert.equal((await readKeyFile(path)).vkey, parseKeyText(text).vkey);
    await chmod(path, 0o640);
    await assert.rejects(readKeyFile(path), { code: 'key_permissions' });
    await chmod(path, 0o600);
    await chmod(join(folder, 'secrets'), 0o755);
    await assert.rejects(readKeyFile(path), { code: 'key_permissions' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
