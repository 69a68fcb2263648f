import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freshDatabase } from '../../../test/support/postgres.ts';
import { inlined, type Value } from './inlined.ts';

const { pool } = await freshDatabase();

test('what is written into a query reads as what a parameter would have been', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'));
  const evil = fc.constantFrom(
    "'; drop table x; --",
    '\\',
    "\\'",
    '"',
    '{',
    '},{',
    '$1',
    "E'\\x27'",
    'null',
    'NULL',
    '',
  );
  const any = fc.oneof(text, evil);
  await fc.assert(
    fc.asyncProperty(
      any,
      fc.array(any, { maxLength: 5 }),
      fc.maxSafeInteger(),
      fc.uint8Array({ maxLength: 20 }),
      async (one, list, number, bytes) => {
        const sql =
          'select $1::text as one, $2::text[] as list, $3::bigint as number, $4::bytea as bytes, $5::timestamptz as at';
        const values: Value[] = [one, list, number, bytes, new Date(1_790_000_000_123)];
        const { rows } = await pool.query(inlined(sql, values));
        assert.deepEqual(rows[0], (await pool.query(sql, [one, list, number, Buffer.from(bytes), values[4]])).rows[0]);
      },
    ),
    { numRuns: 200 },
  );
  assert.equal(inlined('select $2, $1', [1, null]), 'select null, 1');
});
