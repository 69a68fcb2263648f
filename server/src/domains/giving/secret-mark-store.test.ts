import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKey } from '#base/bytes/keyed-hash';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { knowsSecret, marksSecret } from './secret-mark-store.ts';

test('a database takes the first secret of a name, and no other ever after', async () => {
  const { pool } = await freshDatabase();
  const [first, second] = [newKey(), newKey()];
  assert.equal(await knowsSecret(pool, 'dedupe'), false);
  assert.equal(await marksSecret(pool, 'dedupe', first), true);
  assert.equal(await knowsSecret(pool, 'dedupe'), true);
  assert.equal(await marksSecret(pool, 'dedupe', second), false);
  assert.equal(await marksSecret(pool, 'dedupe', first), true);
  assert.equal(await marksSecret(pool, 'code', second), true);
});
