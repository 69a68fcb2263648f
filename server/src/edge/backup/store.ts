/** Tables of the database out to files and back, by COPY. */
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import pg, { type ClientBase } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { SequenceOfBackup, TableOfBackup } from './manifest.ts';

const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and (n.nspname, c.relname) <> ('public', 'migration')`;

/** All tables but the record of migrations, with the columns that are stored. */
export async function listTables(client: ClientBase): Promise<Omit<TableOfBackup, 'rows'>[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select n.nspname || '.' || c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and ${ours} order by 1`,
  );
  return rows;
}

export async function listSequences(client: ClientBase): Promise<SequenceOfBackup[]> {
  const names = await client.query<{ name: string; quoted: string }>(
    `select n.nspname || '.' || c.relname as name, c.oid::regclass::text as quoted
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and ${ours} and c.relname <> 'migration_id_seq' order by 1`,
  );
  const found: SequenceOfBackup[] = [];
  for (const { name, quoted } of names.rows) {
    const { rows } = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted}`,
    );
    found.push({ name, last: rows[0]?.last ?? '1', called: rows[0]?.called ?? false });
  }
  return found;
}

export async function setSequence(client: ClientBase, { name, last, called }: SequenceOfBackup): Promise<void> {
  await client.query('select setval($1::regclass, $2, $3)', [quoted(name), last, called]);
}

export async function listMigrations(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from public.migration order by id');
  return rows.map(({ name }) => name);
}

/** @returns the number of rows */
export async function dumpTable(client: ClientBase, table: Omit<TableOfBackup, 'rows'>, path: string): Promise<number> {
  const rows = client.query(copyTo(`copy ${target(table)} to stdout`));
  await pipeline(rows, createGzip({ level: 3 }), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  // The rows end before the server says how many they were; a query of the same connection is answered after that.
  await client.query('select');
  return rows.rowCount;
}

/** Rows in a dumped file: COPY text has one line a row, whatever the values. */
export async function countRows(path: string): Promise<number> {
  let lines = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      done();
    },
  });
  counter.resume();
  await pipeline(createReadStream(path), createGunzip(), counter);
  return lines;
}

/** @throws Error when another number of rows arrived than the backup says */
export async function loadTable(client: ClientBase, table: TableOfBackup, path: string): Promise<void> {
  const rows = client.query(copyFrom(`copy ${target(table)} from stdin`));
  await pipeline(createReadStream(path), createGunzip(), rows);
  if (rows.rowCount !== table.rows) throw new Error(`${table.name}: ${rows.rowCount} rows arrived, not ${table.rows}`);
}

/** Names of tables that hold rows. */
export async function tablesWithRows(client: ClientBase): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await listTables(client)) {
    const { rows } = await client.query<{ any: boolean }>(`select exists (select from ${quoted(name)}) as any`);
    if (rows[0]?.any) found.push(name);
  }
  return found;
}

function target({ name, columns }: Omit<TableOfBackup, 'rows'>): string {
  return `${quoted(name)} (${columns.map(pg.escapeIdentifier).join(', ')})`;
}

function quoted(name: string): string {
  return name.split('.').map(pg.escapeIdentifier).join('.');
}
