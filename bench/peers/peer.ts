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

export interface PeerDatabase {
  readonly name: string;
  readonly schema: string;
  /** A query whose one value is true when its books are right: peers are audited too. */
  readonly audit: string;
}

/** Makes a database with the accounts in it, and drops it afterwards. @throws Error when its books are wrong */
export async function inDatabase<T>(
  admin: pg.ClientConfig,
  { name: database, schema, audit }: PeerDatabase,
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
    const result = await run(address);
    await withPool(address, 1, async ([auditor]) => {
      const found = await auditor?.query<{ right: boolean | null }>(`select (${audit}) as right`);
      if (found?.rows[0]?.right !== true) throw new Error(`the books of ${database} are wrong`);
    });
    return result;
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
