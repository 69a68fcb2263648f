/** Brings a database to the newest server/migrations: numbered SQL files, forward only, each in its transaction. */
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
    });
    const app = options.app ?? appRole;
    const exists = await client.query('select from pg_roles where rolname = $1 and rolname <> current_user', [app]);
    if (exists.rowCount) await grantTo(client, app);
    return ran.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}
