import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { describeSchema } from '../support/describe-schema.ts';
import { freshDatabase } from '../support/postgres.ts';

const path = new URL('../../server/schema.txt', import.meta.url);

test('the migrations come to the schema that was reviewed', async () => {
  const { pool } = await freshDatabase();
  const schema = await describeSchema(pool);
  if (process.env.UPDATE) await writeFile(path, schema);
  assert.equal(schema, await readFile(path, 'utf8'), 'run again with UPDATE=1, and look at the difference');
});

test('every table that no row may leave or change in can only be read and added to', async () => {
  const { pool } = await freshDatabase();
  const { rows } = await pool.query<{ name: string; grants: string }>(
    `select c.oid::regclass::text as name, string_agg(p.privilege_type, ' ' order by p.privilege_type) as grants
     from pg_trigger t join pg_class c on c.oid = t.tgrelid cross join lateral aclexplode(c.relacl) p
     join pg_roles r on r.oid = p.grantee and r.rolname = 'rivulet' where t.tgname = 'append_only' group by c.oid`,
  );
  assert.ok(rows.length >= 9);
  for (const { name, grants } of rows) assert.equal(grants, 'INSERT SELECT', name);
});
