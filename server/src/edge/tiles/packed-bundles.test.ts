import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { PackedBundles } from './packed-bundles.ts';

test('a bundle is read and packed once, for all who ask at the same time and after', async () => {
  const bundles = new PackedBundles(1_000_000);
  const bytes = randomBytes(5_000);
  let reads = 0;
  const read = async () => {
    reads += 1;
    return bytes;
  };
  const all = await Promise.all([bundles.pack('a', read), bundles.pack('a', read)]);
  all.push(await bundles.pack('a', read));
  for (const made of all) assert.deepEqual(gunzipSync(made ?? ''), bytes);
  assert.equal(reads, 1);
});

test('no more bytes are kept than allowed, and the one used longest ago goes first', async () => {
  const bundles = new PackedBundles(12_000);
  const reads: string[] = [];
  const ask = (key: string) =>
    bundles.pack(key, async () => {
      reads.push(key);
      return randomBytes(5_000);
    });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key);
  assert.deepEqual(reads, ['a', 'b', 'c', 'b']);
  assert.ok(bundles.bytes <= 12_000);
});

test('what is not there, and what cannot be read, is asked for again', async () => {
  const bundles = new PackedBundles(10_000);
  assert.equal(await bundles.pack('a', async () => null), null);
  await assert.rejects(bundles.pack('a', () => Promise.reject(new Error('disk'))));
  assert.ok(await bundles.pack('a', async () => randomBytes(10)));
});
