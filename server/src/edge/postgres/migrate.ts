/** Brings a database to the newest server/migrations: numbered SQL files, forward only, each in its transaction. */
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { appRole, grantTo } from './roles.ts';

const folder = fileURLToPath(new URL('../../../migrations', import.meta.url));

export interface MigrateOptions {
  readonly address: pg.ClientConfig;
  /** `set role` before anything: whoever this is will own the tables. */
  readonly owner?: string;
  /** Gets the server's grants, when such a role exists. */
  readonly app?: string;
  /** Stop after this many in all; for restoring what an older version wrote. */
  readonly upTo?: number;
}

/** Names of the migrations that this database has not seen. */
export async function pendingMigrations(client: pg.ClientBase): Promise<string[]> {
  const all = (await readdir(folder)).filter((file) => file.endsWith('.sql')).map((file) => basename(file, '.sql'));
  const found = await client.query(`select to_regclass('public.migration') is not null as known`);
  if (!found.rows[0].known) return all;
  const ran = await client.query<{ name: string }>('select name from public.migration');
  const seen = new Set(ran.rows.map(({ name }) => name));
  return all.filter((name) => !seen.has(name)).sort();
}

/** Two processes may call it at once; the second waits. @returns names of the migrations that ran now */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const client = new pg.Client(options.address);
  await client.connect();
  try {
    if (options.owner !== undefined) {
      const { database } =
        (await client.query<{ database: string }>('select current_database() as database')).rows[0] ?? {};
      await client.query(
        `alter schema public owner to ${options.owner}; grant create on database ${pg.escapeIdentifier(database ?? '')} to ${options.owner}`,
      );
      await client.query(`set role ${options.owner}`);
    }
    const ran = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: 'migration',
      migrationsSchema: 'public',
      advisoryLockMode: 'wait',
      log: () => {},
      ...(options.upTo !== undefined && { count: Math.max(0, options.upTo - (await ranCount(client))) }),
    });
    const app = options.app ?? appRole;
    const exists = await client.query('select from pg_roles where rolname = $1 and rolname <> current_user', [app]);
    if (exists.rowCount) await grantTo(client, app);
    return ran.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

async function ranCount(client: pg.Client): Promise<number> {
  const all = (await readdir(folder)).filter((file) => file.endsWith('.sql'));
  return all.length - (await pendingMigrations(client)).length;
}
