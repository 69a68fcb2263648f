import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { migrate } from './migrate.ts';
import { ownerRole, ownsTheBooks } from './roles.ts';

const database = await freshDatabase();

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'allowed',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

test('migrating a migrated database runs nothing', async () => {
  assert.deepEqual(await migrate({ address: database.superuser, owner: ownerRole }), []);
});

test("the server's role adds to an append-only table, but neither changes nor empties it, nor drops its trigger", async () => {
  const { pool } = database;
  await pool.query(`insert into ledger.asset (book_id, asset, scale, index) values (1, 'CNY', 2, 1)`);
  assert.equal(await codeOf(pool.query('update ledger.asset set scale = 3')), '42501');
  assert.equal(await codeOf(pool.query('delete from ledger.asset')), '42501');
  assert.equal(await codeOf(pool.query('truncate ledger.asset')), '42501');
  assert.equal(await codeOf(pool.query('drop trigger append_only on ledger.asset')), '42501');
  assert.equal(await codeOf(pool.query('alter table ledger.asset disable trigger all')), '42501');
  assert.equal(await codeOf(pool.query('create table ledger.other ()')), '42501');
});

test('even the owner is stopped by the trigger', async () => {
  const client = new pg.Client(database.superuser);
  await client.connect();
  await client.query(`set role ${ownerRole}`);
  assert.equal(await ownsTheBooks(client), true);
  assert.equal(await codeOf(client.query('update ledger.asset set scale = 3')), '23001');
  await client.end();
});

test("the server's role changes what may change, and does not own the books", async () => {
  const { pool } = database;
  await pool.query(
    `insert into log.head (book_id, book, origin, purpose) values (1, 'main', 'example.org/log', 'live')`,
  );
  assert.equal((await pool.query('update log.head set next_index = 1')).rowCount, 1);
  const client = await pool.connect();
  assert.equal(await ownsTheBooks(client), false);
  client.release();
});
