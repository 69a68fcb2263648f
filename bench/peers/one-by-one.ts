/**
 * The peer that most people write: one transaction per gift. The same PostgreSQL with the same settings, no HTTP before it, prepared statements.
 * Unique key, gift row, two balances, commit that waits for the disk.
 */
import type pg from 'pg';
import { type Accounts, inDatabase, type Peer, withPool } from './peer.ts';

const schema = `
  create table account (id int primary key, balance bigint not null default 0);
  create table gift (
    key bytea primary key, debit int not null, credit int not null, amount bigint not null,
    material bigint not null, at timestamptz not null default now());`;

const audit = `select sum(abs(balance)) = 2 * (select sum(amount) from gift) and sum(balance) = 0 from account`;

export const oneByOne: Peer = {
  name: 'one transaction per gift',
  connections: [1, 8, 32],
  run: (admin, connections, seconds, accounts) =>
    inDatabase(admin, { name: 'bench_one_by_one', schema, audit }, accounts, (address) =>
      run(address, connections, seconds, accounts),
    ),
};

function run(address: pg.ClientConfig, connections: number, seconds: number, accounts: Accounts): Promise<number> {
  return withPool(address, connections, async (pool) => {
    const next = { key: 0 };
    await load(pool, Math.min(0.5, seconds), accounts, next);
    const start = performance.now();
    const gifts = await load(pool, seconds, accounts, next);
    return gifts / ((performance.now() - start) / 1_000);
  });
}

async function load(
  pool: pg.Client[],
  seconds: number,
  { debit, credit }: Accounts,
  next: { key: number },
): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let gifts = 0;
  const worker = async (client: pg.Client) => {
    while (performance.now() < until) {
      const key = Buffer.alloc(16);
      next.key += 1;
      key.writeUInt32BE(next.key, 12);
      // Balances in one order everywhere, merchants before projects, so that no two transactions wait for each other.
      const [from, to, amount] = [debit(), credit(), 2];
      await client.query('begin');
      const inserted = await client.query(insert(key, from, to, amount));
      if (inserted.rowCount === 1) {
        await client.query(move(from, -amount));
        await client.query(move(to, amount));
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
