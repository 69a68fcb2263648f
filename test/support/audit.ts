/** The audit that every test of a database ends with: the same functions as `rivulet audit`, for each book. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { auditLedger } from '#books/ledger';
import { listBooks } from '#books/log';
import { auditGiving } from '#domains/giving';
import type { TestDatabase } from './postgres.ts';

export async function auditDatabase({ app }: Pick<TestDatabase, 'app'>): Promise<void> {
  const client = new pg.Client(app);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    for (const { bookId, book } of await listBooks(client)) {
      for (const { check, ok, detail } of [
        ...(await auditLedger(client, bookId)),
        ...(await auditGiving(client, bookId)),
      ])
        assert.ok(ok, `${book}: ${check}: ${detail}`);
    }
  } finally {
    await client.end();
  }
}
