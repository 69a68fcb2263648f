/**
 * Two roles: `rivulet_owner` owns every table and nobody logs in as it; the server connects as `rivulet`, which may add to append-only tables
 * but not change them, and cannot switch their triggers off.
 */
import pg, { type ClientBase } from 'pg';
import type { Cluster } from './cluster.ts';

export const ownerRole = 'rivulet_owner';
export const appRole = 'rivulet';

/** Makes the roles and the database where they are missing. */
export async function ensureRoles(cluster: Cluster, database: string): Promise<void> {
  const client = new pg.Client(cluster.address('superuser', 'postgres'));
  await client.connect();
  try {
    const roles = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
      [ownerRole, appRole],
    ]);
    const have = new Set(roles.rows.map((row) => row.rolname));
    if (!have.has(ownerRole)) await client.query(`create role ${ownerRole} nologin`);
    if (!have.has(appRole)) {
      await client.query(`create role ${appRole} login password ${pg.escapeLiteral(cluster.appPassword)}`);
    }
    const found = await client.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)} owner ${ownerRole}`);
  } finally {
    await client.end();
  }
}

/**
 * Gives `role` what the server needs, and no more: a table with the trigger `append_only` can be read and added to, any other table of ours also
 * changed. So a migration says it once, by its trigger. Run after the migrations, by the owner.
 */
export async function grantTo(client: ClientBase, role: string): Promise<void> {
  await client.query(`
    do $do$
    declare
      place record;
    begin
      for place in select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
        execute format('grant usage on schema %I to ${pg.escapeIdentifier(role)}', place.name);
      end loop;
      for place in
        select c.oid::regclass as name, c.relkind, exists (
            select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'append_only') as append_only,
          n.nspname = 'public' as is_record_of_migrations
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S')
      loop
        if place.relkind = 'S' then
          execute format('grant usage, select on sequence %s to ${pg.escapeIdentifier(role)}', place.name);
        elsif place.is_record_of_migrations then
          execute format('grant select on %s to ${pg.escapeIdentifier(role)}', place.name);
        elsif place.append_only then
          execute format('revoke all on %s from ${pg.escapeIdentifier(role)}', place.name);
          execute format('grant select, insert on %s to ${pg.escapeIdentifier(role)}', place.name);
        else
          execute format('grant select, insert, update, delete on %s to ${pg.escapeIdentifier(role)}', place.name);
        end if;
      end loop;
    end $do$`);
}

/** True when the connected role owns the books: then only triggers keep them append-only, and the owner can drop those. */
export async function ownsTheBooks(client: ClientBase): Promise<boolean> {
  const found = await client.query<{ owns: boolean }>(
    `select coalesce(bool_or(pg_has_role(current_user, relowner, 'usage')), false) as owns
     from pg_class where relnamespace = to_regnamespace('ledger') and relkind in ('r', 'p')`,
  );
  return found.rows[0]?.owns ?? false;
}
