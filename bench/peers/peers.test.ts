import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshDatabase } from '../../test/support/postgres.ts';
import { seeded, zipf } from '../load/skew.ts';
import { oneByOne } from './one-by-one.ts';
import { positional, setBased } from './set-based.ts';

const chance = seeded(9);
const [debit, credit] = [zipf(30, 1, chance), zipf(5, 1, chance)];
const accounts = { debit: () => debit(), credit: () => 30 + credit(), count: 35 };

for (const peer of [oneByOne, setBased, positional]) {
  test(`${peer.name}: several connections at once, and its books are right`, async () => {
    const { superuser } = await freshDatabase();
    assert.ok((await peer.run(superuser, 3, 0.2, accounts)) > 0);
  });
}
