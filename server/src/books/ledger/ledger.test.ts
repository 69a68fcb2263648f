import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical, Reversals } from '@rivulet/verifier';
import fc from 'fast-check';
import pg from 'pg';
import { ByteText } from '#base/bytes/byte-text';
import { type Batch, ensureBook, Writer } from '#books/log';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { auditLedger, backItem, Ledger, type Move, writeMove } from './index.ts';

/** A small river: two sources give to two owed accounts, these to a fund, the fund to things done. */
type Act =
  | { act: 'give'; source: 0 | 1; owed: 0 | 1; amount: number }
  | { act: 'pay'; owed: 0 | 1; amount: number }
  | { act: 'spend'; amount: number }
  | { act: 'return'; move: number; amount: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('give' as const),
      source: fc.constantFrom(0 as const, 1 as const),
      owed: fc.constantFrom(0 as const, 1 as const),
      amount: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('pay' as const),
      owed: fc.constantFrom(0 as const, 1 as const),
      amount: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('spend' as const), amount: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('return' as const),
      move: fc.nat(),
      amount: fc.integer({ min: 1, max: 9 }),
    }),
  },
);

const database = await freshDatabase();
let books = 0;

interface River {
  ledger: Ledger;
  writer: Writer;
  bookId: number;
  accounts: { sources: number[]; owed: number[]; fund: number; done: number };
}

async function openRiver(): Promise<River> {
  const bookId = ++books;
  const row = { bookId, book: `b${bookId}`, origin: `example.org/${bookId}`, purpose: 'test' as const };
  const client = await database.pool.connect();
  await ensureBook(client, row);
  client.release();
  const connect = async () => {
    const own = new pg.Client(database.app);
    await own.connect();
    return own;
  };
  const ledger = new Ledger(bookId);
  const failed: unknown[] = [];
  const writer = new Writer(row, { connect, onBug: (error) => failed.push(error) });
  writer.register(ledger);
  writer.start();
  while (writer.state !== 'leading') await new Promise((resolve) => setTimeout(resolve, 5));
  const { result } = await writer.submit({
    family: ledger,
    size: 1,
    build(batch: Batch) {
      const posting = ledger.posting(batch);
      posting.asset('CNY', 2);
      const sources = [0, 1].map((i) => posting.account('CNY', `source/${i}`, true));
      const owed = [0, 1].map((i) => posting.account('CNY', `owed/${i}`));
      return { sources, owed, fund: posting.account('CNY', 'fund'), done: posting.account('CNY', 'done') };
    },
  });
  return { ledger, writer, bookId, accounts: result };
}

/** Runs one act in a batch of its own; acts that the rules do not allow do nothing. Returns the moves that were made. */
async function run({ ledger, writer, accounts }: River, moves: Move[], done: Act): Promise<void> {
  const { result } = await writer.submit({
    family: ledger,
    size: 1,
    build(batch: Batch): Move | null {
      const posting = ledger.posting(batch);
      const transfer = (from: number, to: number, wanted: number): Move | null => {
        const amount = Math.min(wanted, posting.positions.available(from));
        if (amount <= 0) return null;
        const move = posting.move(batch.nextIndex(), 0, from, to, amount);
        const entry = new ByteText().ascii('{"kind":"x","move":[');
        writeMove(move, entry);
        posting.append(entry.ascii(']}'));
        return move;
      };
      if (done.act === 'give')
        return transfer(accounts.sources[done.source] as number, accounts.owed[done.owed] as number, done.amount);
      if (done.act === 'pay') return transfer(accounts.owed[done.owed] as number, accounts.fund, done.amount);
      if (done.act === 'spend') return transfer(accounts.fund, accounts.done, done.amount);
      const gifts = moves.filter((move) => accounts.sources.includes(move.from));
      const gift = gifts[done.move % Math.max(1, gifts.length)];
      const amount = gift === undefined ? 0 : Math.min(done.amount, gift.amount - gift.declared);
      if (gift === undefined || amount === 0) return null;
      const backs = posting.takeBack(batch.nextIndex(), [{ move: gift, amount }]);
      posting.append(canonical({ kind: 'y', back: backs.map(backItem), declare: [[gift.index, gift.part, amount]] }));
      return null;
    },
  });
  if (result !== null) moves.push(result);
}

interface Row {
  index: number;
  from: number;
  to: number;
  amount: number;
  fromPos: number;
  toPos: number;
  reverses: number | null;
  unit: number;
}

async function transfers(bookId: number): Promise<Row[]> {
  const { rows } = await database.pool.query(
    `select index::int, from_account as "from", to_account as "to", amount::int, from_pos::int as "fromPos", to_pos::int as "toPos",
       reverses_index::int as reverses, unit::int from ledger.transfer where book_id = $1 order by index, part`,
    [bookId],
  );
  return rows;
}

/** Where each unreversed unit that came into an account left it: in-position to the transfer that took it, null while it is there. */
function placements(rows: readonly Row[], account: number): Map<number, number | null> {
  const backs = rows.filter((row) => row.from === account && row.reverses !== null);
  const reversals = new Reversals(backs.map(({ fromPos, amount, unit }) => ({ fromPos, minor: amount, unit })));
  const outs = rows.filter((row) => row.from === account && row.reverses === null);
  const placed = new Map<number, number | null>();
  for (const { to, toPos, amount } of rows)
    if (to === account)
      for (let unit = toPos; unit < toPos + amount; unit++) {
        if (reversals.takesBack(unit)) continue;
        const { position } = reversals.follow(unit);
        const out = outs.find((row) => position >= row.fromPos && position < row.fromPos + row.amount);
        placed.set(unit, out === undefined ? null : position);
      }
  return placed;
}

async function auditWell(bookId: number): Promise<void> {
  const client = await database.pool.connect();
  try {
    for (const finding of await auditLedger(client, bookId))
      assert.ok(finding.ok, `${finding.check}: ${finding.detail}`);
  } finally {
    client.release();
  }
}

test('in any history, unreversed units leave one to one at positions that no reversal used, and never move once placed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 45 }), async (acts) => {
      const river = await openRiver();
      const moves: Move[] = [];
      const before = new Map<number, Map<number, number | null>>();
      for (const done of acts) {
        await run(river, moves, done);
        const rows = await transfers(river.bookId);
        for (const account of [...river.accounts.owed, river.accounts.fund]) {
          const placed = placements(rows, account);
          const taken = [...placed.values()].filter((position) => position !== null);
          assert.equal(new Set(taken).size, taken.length, 'two units left at one position');
          const plainOut = rows.filter((row) => row.from === account && row.reverses === null);
          assert.equal(
            taken.length,
            plainOut.reduce((sum, row) => sum + row.amount, 0),
            'an out-position without its unit',
          );
          for (const [unit, position] of before.get(account) ?? [])
            if (position !== null && placed.has(unit)) assert.equal(placed.get(unit), position, 'a placed unit moved');
          before.set(account, placed);
        }
      }
      await river.writer.stop();
      await auditWell(river.bookId);
    }),
    { numRuns: Number(process.env.RIVULET_PROPERTY_RUNS ?? 25) },
  );
});

test('gifts forwards and all returned backwards leave every account empty', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), async (amounts) => {
      const river = await openRiver();
      const moves: Move[] = [];
      for (const [i, amount] of amounts.entries())
        await run(river, moves, { act: 'give', source: 0, owed: i % 2 === 0 ? 0 : 1, amount });
      for (let i = moves.length - 1; i >= 0; i--) await run(river, moves, { act: 'return', move: i, amount: 50 });
      const { rows } = await database.pool.query(
        `select account, in_total - out_total as balance from (select distinct on (account) * from ledger.posting
         where book_id = $1 order by account, batch desc) p where in_total <> out_total`,
        [river.bookId],
      );
      assert.deepEqual(rows, []);
      await river.writer.stop();
      await auditWell(river.bookId);
    }),
    { numRuns: 10 },
  );
});

test('a return of units that were spent waits, nothing else leaves meanwhile, and inflows settle it in pieces, lowest units first', async () => {
  const river = await openRiver();
  const moves: Move[] = [];
  await run(river, moves, { act: 'give', source: 0, owed: 0, amount: 6 });
  await run(river, moves, { act: 'pay', owed: 0, amount: 4 });
  await run(river, moves, { act: 'return', move: 0, amount: 6 });
  await run(river, moves, { act: 'pay', owed: 0, amount: 9 });
  await run(river, moves, { act: 'give', source: 1, owed: 0, amount: 1 });
  await run(river, moves, { act: 'give', source: 1, owed: 0, amount: 5 });
  const rows = await transfers(river.bookId);
  const backs = rows
    .filter(({ reverses }) => reverses !== null)
    .map(({ unit, amount, fromPos }) => [unit, amount, fromPos]);
  assert.deepEqual(backs, [
    [0, 2, 4],
    [2, 1, 6],
    [3, 3, 7],
  ]);
  assert.equal(rows.filter(({ from, reverses }) => from === river.accounts.owed[0] && reverses === null).length, 1);
  const { rows: waiting } = await database.pool.query('select * from ledger.waiting where book_id = $1', [
    river.bookId,
  ]);
  assert.deepEqual(waiting, []);
  await river.writer.stop();
  await auditWell(river.bookId);
});

test('a writer that starts again finds totals and queues as they were', async () => {
  const river = await openRiver();
  const moves: Move[] = [];
  await run(river, moves, { act: 'give', source: 0, owed: 0, amount: 6 });
  await run(river, moves, { act: 'pay', owed: 0, amount: 6 });
  await run(river, moves, { act: 'return', move: 0, amount: 5 });
  await river.writer.stop();
  const ledger = new Ledger(river.bookId);
  const client = await database.pool.connect();
  await ledger.load(client);
  await ledger.loadAccounts(client, river.accounts.owed);
  client.release();
  const owed = river.accounts.owed[0] as number;
  assert.deepEqual(ledger.totals(owed), { in: 6, out: 6 });
  assert.deepEqual(
    ledger.waiting(owed)?.map(({ unit, remaining }) => ({ unit, remaining })),
    [{ unit: 1, remaining: 5 }],
  );
});

test('rows of the ledger cannot be changed or removed, whoever asks', async () => {
  const river = await openRiver();
  const moves: Move[] = [];
  await run(river, moves, { act: 'give', source: 0, owed: 0, amount: 6 });
  await river.writer.stop();
  for (const statement of [
    'update ledger.move set amount = null',
    'delete from ledger.reversal',
    'delete from ledger.posting',
    'truncate ledger.account',
  ])
    for (const address of [database.app, database.superuser]) {
      const client = new pg.Client(address);
      await client.connect();
      await assert.rejects(client.query(statement), /append-only|permission denied/, statement);
      await client.end();
    }
  await auditWell(river.bookId);
});
