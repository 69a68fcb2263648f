/** The database that a process works with: embedded, or the server that DATABASE_URL names. Migrated when this returns. */
import { join } from 'node:path';
import pg from 'pg';
import { startCluster } from './cluster.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { appRole, ensureRoles, ownerRole, ownsTheBooks } from './roles.ts';

export interface DatabaseOptions {
  readonly dataFolder: string;
  readonly databaseUrl: string | null;
  readonly tell: (message: string) => void;
  /** Start the embedded PostgreSQL again when it dies. */
  readonly keepAlive?: boolean;
  readonly poolSize?: number;
  /** Migrate only so far; see migrate.ts. */
  readonly upTo?: number;
}

export interface Database {
  readonly kind: 'embedded' | 'external';
  /** For reading and short statements; each may take 30 seconds. The role of the server. */
  readonly pool: pg.Pool;
  /** How the server's role connects; plain data, for threads of their own. */
  readonly address: pg.ClientConfig;
  /** A connection of its own without that limit, for writers and followers. The caller ends it. */
  connect(name?: string): Promise<pg.Client>;
  /** As the owner of the tables, for restore and repair. The caller ends it. */
  connectAsOwner(): Promise<pg.Client>;
  /** Closes the pool; stops the embedded PostgreSQL unless others use it. End your own connections before. */
  close(): Promise<void>;
}

const database = 'rivulet';

/** @throws Error in words for the operator */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.databaseUrl === null
    ? await openEmbedded(options)
    : await openExternal(options, { connectionString: options.databaseUrl, keepAlive: true });
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  const folder = join(options.dataFolder, 'postgres');
  const { tell, keepAlive = false, upTo } = options;
  const cluster = await startCluster({ folder, tell, keepAlive });
  await ensureRoles(cluster, database);
  const superuser = cluster.address('superuser', database);
  const ran = await migrate({ address: superuser, owner: ownerRole, ...(upTo !== undefined && { upTo }) });
  if (ran.length > 0) tell(`database: ran ${ran.join(', ')}`);
  const address = cluster.address('app', database);
  const pool = newPool(address, options);
  return {
    kind: 'embedded',
    pool,
    address,
    connect: (name) => connected(address, name),
    connectAsOwner: async () => {
      const client = await connected(superuser, 'rivulet owner');
      await client.query(`set role ${ownerRole}`);
      return client;
    },
    close: async () => {
      await pool.end();
      await cluster.stop();
    },
  };
}

async function openExternal(options: DatabaseOptions, address: pg.ClientConfig): Promise<Database> {
  const client = await connected(address, 'rivulet start');
  try {
    const { upTo } = options;
    const pending = await pendingMigrations(client);
    if (pending.length > 0) {
      const ran = await migrate({ address, app: appRole, ...(upTo !== undefined && { upTo }) }).catch(explain);
      options.tell(`database: ran ${ran.join(', ')}`);
    }
    if (await ownsTheBooks(client)) {
      options.tell(
        'database: the role of DATABASE_URL owns the tables, so only triggers keep the books append-only; ' +
          'see docs/operating/database.md for two roles',
      );
    }
  } finally {
    await client.end();
  }
  const pool = newPool(address, options);
  return {
    kind: 'external',
    pool,
    address,
    connect: (name) => connected(address, name),
    connectAsOwner: () => connected(address, 'rivulet owner'),
    close: () => pool.end(),
  };
}

function explain(error: Error): never {
  if (!/permission denied|must be owner/.test(error.message)) throw error;
  const words = 'the database must be migrated, and the role of DATABASE_URL may not: run rivulet migrate as the owner';
  throw new Error(`${words} (${error.message})`, { cause: error });
}

function newPool(address: pg.ClientConfig, { poolSize = 16, tell }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    ...address,
    application_name: 'rivulet',
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
  });
  // An idle connection that dies is replaced at its next use.
  pool.on('error', (error) => tell(`database: ${error.message}`));
  return pool;
}

async function connected(address: pg.ClientConfig, name = 'rivulet'): Promise<pg.Client> {
  const client = new pg.Client({ ...address, application_name: name, connectionTimeoutMillis: 5_000 });
  // Without a listener a lost connection would end the process; whoever uses it sees its next query fail.
  client.on('error', () => {});
  await client.connect();
  return client;
}
