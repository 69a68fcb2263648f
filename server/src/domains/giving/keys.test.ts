import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '#base/refusal';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { Keys } from './keys.ts';

const { pool } = await freshDatabase();
let time = Date.parse('2026-11-18T08:00:00Z');
const now = () => new Date(time);
const keys = new Keys(pool, { now });

async function verdict(text: string, by = keys): Promise<string> {
  const found = await by.verify(text);
  return isRefusal(found) ? found.code : `${found.scope}:${found.source}`;
}

test('a key opens what it was issued for, and only as a whole', async () => {
  const operator = await keys.issue({ scope: 'operator', label: 'first' });
  const source = await keys.issue({ scope: 'source', source: 'shop-1' });
  assert.match(operator.key, /^rvk_[0-9a-z]{16}_[0-9a-z]{32}$/);
  assert.equal(await verdict(operator.key), 'operator:null');
  assert.equal(await verdict(source.key), 'source:shop-1');
  const mixed = `rvk_${source.keyId}_${operator.key.split('_')[2]}`;
  for (const wrong of [
    mixed,
    '',
    'rvk_',
    `${source.key}0`,
    source.key.toUpperCase(),
    `rvk_${'0'.repeat(16)}_${'0'.repeat(32)}`,
  ])
    assert.equal(await verdict(wrong), 'key_unknown', wrong);
});

test('the secret is nowhere in the database', async () => {
  const { key } = await keys.issue({ scope: 'operator' });
  const stored = JSON.stringify((await pool.query(`select *, encode(hash, 'hex') as hex from giving.api_key`)).rows);
  assert.ok(!stored.includes(key.split('_')[2] as string));
});

test('a revoked key is refused at once here, and within five seconds by another process', async () => {
  const other = new Keys(pool, { now });
  const { key, keyId } = await keys.issue({ scope: 'operator' });
  assert.equal(await verdict(key, other), 'operator:null');
  assert.equal(await keys.revoke(keyId), true);
  assert.equal(await verdict(key), 'key_revoked');
  assert.equal(await verdict(key, other), 'operator:null');
  time += 5_000;
  assert.equal(await verdict(key, other), 'key_revoked');
  assert.equal(await keys.revoke('0'.repeat(16)), false);
});

test('a key ends at its time to live', async () => {
  const { key } = await keys.issue({ scope: 'operator', ttlSeconds: 60 });
  time += 59_999;
  assert.equal(await verdict(key), 'operator:null');
  time += 1;
  assert.equal(await verdict(key), 'key_expired');
});

test('when a key was last used is written down when asked for', async () => {
  const { key, keyId } = await keys.issue({ scope: 'operator' });
  await keys.verify(key);
  const lastUsed = async () => (await keys.list()).find((row) => row.keyId === keyId)?.lastUsed;
  assert.equal(await lastUsed(), null);
  await keys.flush();
  assert.deepEqual(await lastUsed(), now());
});

test('a key of a source names its source, and no other key does', async () => {
  await assert.rejects(keys.issue({ scope: 'source' }), { code: '23514' });
  await assert.rejects(keys.issue({ scope: 'operator', source: 'shop-1' }), { code: '23514' });
});
