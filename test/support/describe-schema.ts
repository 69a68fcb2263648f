/** The database's schema as text, one fact a line, the same whatever order it was built in. There is no pg_dump among our binaries. */
import type { Pool } from 'pg';

const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

const facts: readonly [string, string][] = [
  [
    'columns',
    `select format('%I.%I.%I %s%s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' else '' end,
       case when a.attidentity <> '' then ' identity' when d.oid is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
       case when a.attstorage <> t.typstorage then ' storage ' || a.attstorage::text else '' end)
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped and ${ours}`,
  ],
  [
    'constraints',
    `select format('%s %s', c.conrelid::regclass, pg_get_constraintdef(c.oid)) from pg_constraint c
     join pg_namespace n on n.oid = c.connamespace where c.conrelid <> 0 and c.contype <> 'n' and ${ours}`,
  ],
  [
    'indexes',
    `select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
     join pg_namespace n on n.oid = c.relnamespace where ${ours}`,
  ],
  [
    'triggers',
    `select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
     join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and ${ours}`,
  ],
  [
    'functions',
    `select regexp_replace(pg_get_functiondef(p.oid), '\\s+', ' ', 'g') from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours}`,
  ],
  [
    'comments',
    `select format('%s: %s', pg_describe_object(classoid, objoid, objsubid), description) from pg_description d
     join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass join pg_namespace n on n.oid = c.relnamespace where ${ours}`,
  ],
  [
    'what the role rivulet may do',
    `select format('%I.%I %s', n.nspname, c.relname, string_agg(lower(p.privilege_type), ', ' order by p.privilege_type))
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral aclexplode(c.relacl) p join pg_roles r on r.oid = p.grantee and r.rolname = 'rivulet'
     where ${ours} group by n.nspname, c.relname`,
  ],
];

export async function describeSchema(pool: Pool): Promise<string> {
  let text =
    '-- What server/migrations come to. Written by test/conformance/schema.test.ts with UPDATE=1; read it in reviews.\n';
  for (const [title, query] of facts) {
    const { rows } = await pool.query<Record<string, string>>(query);
    const lines = rows.map((row) => Object.values(row)[0] ?? '').sort();
    text += `\n-- ${title}\n${lines.join('\n')}\n`;
  }
  return text;
}
