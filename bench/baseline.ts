/**
 * The peer: one transaction per gift, as it is usually and well written. The same PostgreSQL with the same settings, no HTTP before it, prepared
 * statements. Unique key, gift row, two balances, commit that waits for the disk.
 */
import pg from 'pg';

export interface Baseline {
  /** One after another on one connection, as a program without batches does it. */
  readonly oneConnection: number;
  /** The best of several numbers of connections, where commits share the disk's waits. */
  readonly best: { readonly perSecond: number; readonly connections: number };
}

/** Of two runs, so that a disk that is slower now than then decides less. */
export function mean(one: Baseline, two: Baseline): Baseline {
  const best = one.best.perSecond > two.best.perSecond ? one.best : two.best;
  return {
    oneConnection: (one.oneConnection + two.oneConnection) / 2,
    best: { ...best, perSecond: (one.best.perSecond + two.best.perSecond) / 2 },
  };
}

const schema = `
  create table account (id int primary key, balance bigint not null default 0);
  create table gift (
    key bytea primary key, debit int not null, credit int not null, amount bigint not null,
    material bigint not null, at timestamptz not null default now());
  insert into account select n from generate_series(0, 2000) n;`;

/** @param merchant, project draw the accounts with the same skew as the bench; accounts 0 … 999 are merchants, from 1000 projects */
export async function runBaseline(
  admin: pg.ClientConfig,
  seconds: number,
  merchant: () => number,
  project: () => number,
): Promise<Baseline> {
  const database = 'bench_baseline';
  const server = new pg.Client(admin);
  await server.connect();
  await server.query(`create database ${database}`);
  const address = { ...admin, database };
  const setUp = new pg.Client(address);
  await setUp.connect();
  await setUp.query(schema);
  await setUp.end();
  const oneConnection = await run(address, 1, seconds, merchant, project);
  let best = { perSecond: oneConnection, connections: 1 };
  for (const connections of [8, 32]) {
    const perSecond = await run(address, connections, seconds, merchant, project);
    if (perSecond > best.perSecond) best = { perSecond, connections };
  }
  await server.query(`drop database ${database} with (force)`);
  await server.end();
  return { oneConnection, best };
}

let made = 0;

async function run(
  address: pg.ClientConfig,
  connections: number,
  seconds: number,
  merchant: () => number,
  project: () => number,
): Promise<number> {
  const pool = Array.from({ length: connections }, () => new pg.Client(address));
  await Promise.all(pool.map((client) => client.connect()));
  await load(pool, 0.5, merchant, project);
  const start = performance.now();
  const gifts = await load(pool, seconds, merchant, project);
  const perSecond = gifts / ((performance.now() - start) / 1_000);
  await Promise.all(pool.map((client) => client.end()));
  return perSecond;
}

async function load(
  pool: pg.Client[],
  seconds: number,
  merchant: () => number,
  project: () => number,
): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let gifts = 0;
  const worker = async (client: pg.Client) => {
    while (performance.now() < until) {
      const key = Buffer.alloc(16);
      key.writeUInt32BE(++made, 12);
      // Balances in one order everywhere, merchants before projects, so that no two transactions wait for each other.
      const [debit, credit, amount] = [merchant(), 1_000 + project(), 2];
      await client.query('begin');
      const inserted = await client.query(insert(key, debit, credit, amount));
      if (inserted.rowCount === 1) {
        await client.query(move(debit, -amount));
        await client.query(move(credit, amount));
      }
      await client.query('commit');
      gifts += 1;
    }
  };
  await Promise.all(pool.map(worker));
  return gifts;
}

function insert(key: Buffer, debit: number, credit: number, amount: number): pg.QueryConfig {
  const text =
    'insert into gift (key, debit, credit, amount, material) values ($1, $2, $3, $4, 0) on conflict (key) do nothing';
  return { name: 'insert', text, values: [key, debit, credit, amount] };
}

function move(account: number, amount: number): pg.QueryConfig {
  return { name: 'move', text: 'update account set balance = balance + $2 where id = $1', values: [account, amount] };
}
