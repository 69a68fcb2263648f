/** Others who do a part of the same work on the same PostgreSQL, in the same run. */
import pg from 'pg';

export interface Accounts {
  /** Merchants and projects, each drawn with the skew of the bench; all below `count`, debits below every credit. */
  debit(): number;
  credit(): number;
  readonly count: number;
}

export interface Peer {
  readonly name: string;
  /** Numbers of connections worth trying; the first is what it is mostly run with. */
  readonly connections: readonly number[];
  /** In a database of its own, empty at the start, after a short warm-up. @returns gifts a second, committed with fsync */
  run(admin: pg.ClientConfig, connections: number, seconds: number, accounts: Accounts): Promise<number>;
}

/** Makes a database with the accounts in it, and drops it afterwards. */
export async function inDatabase<T>(
  admin: pg.ClientConfig,
  database: string,
  schema: string,
  accounts: Accounts,
  run: (address: pg.ClientConfig) => Promise<T>,
): Promise<T> {
  const server = new pg.Client(admin);
  await server.connect();
  try {
    await server.query(`drop database if exists ${database} with (force)`);
    await server.query(`create database ${database}`);
    const address = { ...admin, database };
    await withPool(address, 1, async ([setUp]) => {
      await setUp?.query(schema);
      await setUp?.query(`insert into account (id) select n from generate_series(0, ${accounts.count - 1}) n`);
      await setUp?.query('analyze account');
    });
    return await run(address);
  } finally {
    await server.query(`drop database if exists ${database} with (force)`);
    await server.end();
  }
}

/** Connections for the time of `work`. */
export async function withPool<T>(
  address: pg.ClientConfig,
  connections: number,
  work: (pool: pg.Client[]) => Promise<T>,
): Promise<T> {
  const pool = Array.from({ length: connections }, () => new pg.Client(address));
  await Promise.all(pool.map((client) => client.connect()));
  try {
    return await work(pool);
  } finally {
    await Promise.all(pool.map((client) => client.end()));
  }
}
