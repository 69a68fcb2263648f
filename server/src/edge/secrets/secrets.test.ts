import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeSecret, readSecret } from './index.ts';

const base = await mkdtemp(join(tmpdir(), 'rivulet-secrets-'));
after(() => rm(base, { recursive: true }));
const folder = join(base, 'secrets');

test('a secret is made once, for its owner alone, and stays', async () => {
  assert.equal(await readSecret(folder, 'dedupe'), null);
  const made = await Promise.all(Array.from({ length: 8 }, () => makeSecret(folder, 'dedupe')));
  assert.equal(new Set(made).size, 1);
  assert.match(made[0] as string, /^[0-9a-f]{64}$/);
  assert.equal(await makeSecret(folder, 'dedupe'), made[0]);
  assert.equal(await readSecret(folder, 'dedupe'), made[0]);
  assert.deepEqual(await readdir(folder), ['dedupe.key']);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.equal((await stat(join(folder, 'dedupe.key'))).mode & 0o777, 0o600);
});

test('a secret that others may read, or that is none, is refused', async () => {
  await chmod(join(folder, 'dedupe.key'), 0o644);
  await assert.rejects(readSecret(folder, 'dedupe'), /can be read by others/);
  await writeFile(join(folder, 'code.key'), 'short\n', { mode: 0o600 });
  await assert.rejects(makeSecret(folder, 'code'), /64 hexadecimal/);
});
