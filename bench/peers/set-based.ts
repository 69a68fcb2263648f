/**
 * The peer that knows PostgreSQL well: transfers in sets, 500 a call, one SQL function (set-based.sql, positional.sql). Its arguments are binary arrays
 * made before the clock starts, as our bodies are.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { type Accounts, inDatabase, type Peer, withPool } from './peer.ts';

const rows = 500;
/** Calls made beforehand for each second: more than any machine of ours takes; a run that uses them up ends early and is timed all the same. */
const callsPerSecond = 400;

/** Transfers and balances, no more. */
export const setBased: Peer = peerOf(
  'set-based SQL, 500 transfers a call',
  'set-based',
  `select sum(abs(balance)) = 2 * (select sum(amount) from transfer) and sum(balance) = 0 from account`,
);

/** Each transfer also knows its place in both accounts. */
export const positional: Peer = peerOf(
  'the same with positions',
  'positional',
  `select sum(in_total) = (select sum(amount) from transfer) and sum(in_total) = sum(out_total) and (
     select bool_and(leaves and comes) from (
       select from_pos = lag(from_pos + amount, 1, 0::bigint) over (partition by debit order by from_pos) as leaves,
         to_pos = lag(to_pos + amount, 1, 0::bigint) over (partition by credit order by to_pos) as comes
       from transfer) placed)
   from account`,
);

function peerOf(name: string, file: 'set-based' | 'positional', audit: string): Peer {
  const schema = readFileSync(join(import.meta.dirname, `${file}.sql`), 'utf8');
  const database = { name: `bench_${file.replace('-', '_')}`, schema, audit };
  return {
    name,
    connections: [1, 2, 4],
    run: (admin, connections, seconds, accounts) =>
      inDatabase(admin, database, accounts, (address) => run(address, connections, seconds, accounts)),
  };
}

function run(address: pg.ClientConfig, connections: number, seconds: number, accounts: Accounts): Promise<number> {
  return withPool(address, connections, async (pool) => {
    const warmUpSeconds = Math.min(0.5, seconds);
    const next = { key: 0 };
    await load(pool, warmUpSeconds, callsOf(warmUpSeconds, accounts, next));
    const calls = callsOf(seconds, accounts, next);
    const start = performance.now();
    const posted = await load(pool, seconds, calls);
    return posted / ((performance.now() - start) / 1_000);
  });
}

function callsOf(seconds: number, accounts: Accounts, next: { key: number }): Buffer[][] {
  return Array.from({ length: Math.ceil(seconds * callsPerSecond) }, () => callOf(accounts, next));
}

async function load(pool: pg.Client[], seconds: number, calls: Buffer[][]): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let posted = 0;
  const worker = async (client: pg.Client) => {
    while (performance.now() < until) {
      const values = calls.pop();
      if (values === undefined) return;
      const query = { name: 'post', text: 'select post($1::uuid[], $2::int[], $3::int[], $4::bigint[])', values };
      posted += ((await client.query(query)).rows[0] as { post: number }).post;
    }
  };
  await Promise.all(pool.map(worker));
  return posted;
}

const oid = { uuid: 2950, int4: 23, int8: 20 };

function callOf({ debit, credit }: Accounts, next: { key: number }): Buffer[] {
  const key = (at: Buffer, offset: number) => {
    next.key += 1;
    at.writeUInt32BE(next.key, offset + 12);
  };
  return [
    array(oid.uuid, 16, key),
    array(oid.int4, 4, (at, offset) => void at.writeInt32BE(debit(), offset)),
    array(oid.int4, 4, (at, offset) => void at.writeInt32BE(credit(), offset)),
    array(oid.int8, 8, (at, offset) => void at.writeBigInt64BE(2n, offset)),
  ];
}

/** PostgreSQL's binary form of an array of one dimension without nulls. */
function array(element: number, bytes: number, write: (at: Buffer, offset: number) => void): Buffer {
  const buffer = Buffer.alloc(20 + rows * (4 + bytes));
  for (const [i, word] of [1, 0, element, rows, 1].entries()) buffer.writeInt32BE(word, i * 4);
  for (let i = 0; i < rows; i += 1) {
    const offset = 20 + i * (4 + bytes);
    buffer.writeInt32BE(bytes, offset);
    write(buffer, offset + 4);
  }
  return buffer;
}
