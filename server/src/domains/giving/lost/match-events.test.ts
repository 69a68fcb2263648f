/** Random histories, all that no log has lost at a random moment, rescued and sent again: every order ends with one gift, every return is taken once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderResult, OrdersAnswer } from '@rivulet/client/contract';
import pg from 'pg';
import { Fault } from '#base/fault';
import { auditLedger, Ledger, readEntries, restoreLedger, settleRestored } from '#books/ledger';
import { type Draw, drawFor } from '../../../../../test/support/draw.ts';
import { freshDatabase } from '../../../../../test/support/postgres.ts';
import { auditGiving } from '../audit.ts';
import { recordOrders } from '../intake/record-orders.ts';
import { type Market, openMarket } from '../intake/test/small-market.ts';
import { GivingRestore } from './restore-entries.ts';

await freshDatabase();

type Event = Record<string, unknown> & { order: string };

class History {
  readonly events: Event[] = [];
  readonly #draw: Draw;
  #count = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** Orders of a few prices, so that many are alike, and returns of some of them, some before their order. */
  add(count: number, items: readonly string[], completedAt: string): Event[] {
    const draw = this.#draw;
    const made: Event[] = [];
    for (let i = 0; i < count; i++) {
      const order = `A${++this.#count}`;
      const paid = draw.pick([1990, 2000, 2500, 310]);
      const buyer = draw.pick([{}, { buyer: `u-${draw.whole(1, 4)}` }, { buyer: `new-${this.#count % 5}` }]);
      const amounts = { quantity: 1, paid, shipping: 0, tax: 0, discount: 0, platformDiscount: 0, currency: 'CNY' };
      const line = { source: 'shop-1', order, line: '1', merchant: 'm-7' };
      const placedAt = '2026-11-10T23:59:58Z';
      made.push({
        type: 'order.completed',
        ...line,
        item: draw.pick(items),
        ...buyer,
        ...amounts,
        placedAt,
        completedAt,
      });
      const old = [...this.events, ...made].filter(({ type }) => type === 'order.completed');
      for (let left = draw.chance(0.4) ? draw.whole(1, 3) : 0; left > 0; left--) {
        const of = draw.pick(old);
        const back = { ...line, order: of.order, return: `R${++this.#count}`, paid: draw.pick([5, 400, 700, 310]) };
        made.push({ type: 'order.returned', ...back, returnedAt: completedAt });
      }
    }
    if (made.length > 2 && draw.chance(0.5)) made.push(made.shift() as Event);
    this.events.push(...made);
    return made;
  }
}

async function send(market: Market, events: readonly Event[]): Promise<OrderResult[]> {
  const text = await recordOrders(market.context, events, { source: 'shop-1', language: 'en' });
  return (JSON.parse(Buffer.from(text).toString()) as OrdersAnswer).results;
}

/** The same request until it is answered, as a source does. */
async function sendUntilAnswered(
  market: Market,
  events: readonly Event[],
  tries: number,
): Promise<OrderResult[] | null> {
  for (let i = 0; i < tries; i++) {
    try {
      return await send(market, events);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === 'not_the_writer') await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return null;
}

async function superuser<T>(market: Market, does: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(market.database.superuser);
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica`);
    return await does(client);
  } finally {
    await client.end();
  }
}

const tablesOf = `select format('%I.%I', schemaname, tablename) as name, tablename, schemaname from pg_tables where schemaname in ('giving', 'ledger')`;

/** Remembers every row of ledger and giving. @returns what brings them back, as a restored database would, and rescues the book */
async function backUp(market: Market): Promise<() => Promise<void>> {
  const from = await superuser(market, async (client) => {
    await client.query('create schema kept');
    for (const { name, tablename, schemaname } of (await client.query(tablesOf)).rows)
      await client.query(`create table kept.${schemaname}_${tablename} as table ${name}`);
    return Number((await client.query('select next_index from log.head')).rows[0].next_index);
  });
  return () =>
    superuser(market, async (client) => {
      await client.query('begin');
      for (const { name, tablename, schemaname } of (await client.query(tablesOf)).rows) {
        await client.query(`delete from ${name}`);
        await client.query(`insert into ${name} overriding system value select * from kept.${schemaname}_${tablename}`);
      }
      const entries = await entriesFrom(client, from);
      const giving = new GivingRestore(new Ledger(1));
      for (let at = 0; at < entries.length; at += 256) {
        const some = entries.slice(at, at + 256);
        const read = readEntries(from + at, some);
        await restoreLedger(client, 1, from + at + some.length, read);
        await giving.restore(client, from + at + some.length, read);
      }
      await settleRestored(client, 1);
      await client.query('insert into log.rescue (book_id, from_index, to_index) values (1, $1, $2)', [
        from,
        from + entries.length,
      ]);
      await client.query('update log.head set epoch = epoch + 1');
      await client.query('commit');
    });
}

async function entriesFrom(client: pg.Client, from: number): Promise<Buffer[]> {
  const { rows } = await client.query(
    `select encode(entries, 'hex') as entries from log.batch where first_index >= $1 order by first_index`,
    [from],
  );
  return rows.flatMap((row) => {
    const framed = Buffer.from(row.entries, 'hex');
    const entries: Buffer[] = [];
    for (let at = 0; at < framed.length; at += 2 + framed.readUInt16BE(at))
      entries.push(framed.subarray(at + 2, at + 2 + framed.readUInt16BE(at)));
    return entries;
  });
}

async function auditWell(market: Market): Promise<void> {
  assert.deepEqual(market.bugs, []);
  const client = await market.database.pool.connect();
  try {
    for (const finding of [...(await auditLedger(client, 1)), ...(await auditGiving(client, 1))])
      assert.ok(finding.ok, `${finding.check}: ${finding.detail}`);
  } finally {
    client.release();
  }
}

async function totals(market: Market): Promise<{ given: string; returned: string; gifts: string }> {
  const { rows } = await market.context.pool.query(
    `select given, returned, gifts from giving.total where book_id = 1 order by size desc limit 1`,
  );
  return rows[0];
}

function shuffled<T>(draw: Draw, list: readonly T[]): T[] {
  return list
    .map((one) => [draw.next(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

for (const order of ['as it was sent', 'shuffled'])
  test(`what was lost and is sent again, ${order}, gives nothing twice`, { timeout: 120_000 }, async (t) => {
    const draw = drawFor(t, 20261122);
    let closed = 0;
    for (let round = 0; round < 6; round++) {
      const market = await openMarket();
      await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { basisPoints: 100 }, weights: [5, 3, 2] });
      await market.pledge({ pledge: 'p-2', item: 'capped', rule: { fixed: 7, per: 'line' }, cap: 60 });
      const history = new History(draw);
      const long = '2026-11-18T08:00:01Z';
      await send(market, history.add(15, ['sku-9', 'capped', 'plain'], long));
      const bringBack = await backUp(market);
      for (let i = 0; i < 3; i++) await send(market, history.add(12, ['sku-9', 'sku-9', 'capped', 'plain'], long));
      const before = await totals(market);
      await bringBack();
      await auditWell(market);
      assert.deepEqual(await totals(market), before);

      const again = order === 'shuffled' ? shuffled(draw, history.events) : history.events;
      const results = await sendUntilAnswered(market, again, 40);
      if (results === null) {
        // Out of order, a return may find that its order took another gift like its own. Then nothing more is taken: never a second time.
        assert.equal(order, 'shuffled', `round ${round}: ${JSON.stringify(market.intake.lost.count)} are not found`);
        assert.deepEqual(await totals(market), before);
        await auditWell(market);
        continue;
      }
      closed++;
      assert.equal(market.intake.lost.isOpen, false);
      await auditWell(market);
      // Out of order a line may get the gift of another price that gave the same; its returns then round by its own price.
      const { given, gifts: count, returned } = await totals(market);
      const expected = order === 'shuffled' ? { ...before, returned } : before;
      assert.deepEqual({ given, returned, gifts: count }, expected, `round ${round}`);
      const gifts = results.flatMap((result) => ('givenMinor' in result ? [result] : []));
      assert.ok(gifts.every(({ outcome }) => outcome === 'duplicate'));
      assert.equal(new Set(gifts.map(({ index }) => index)).size, Number(before.gifts));

      const late = history.add(5, ['sku-9'], new Date().toISOString());
      const made = (await send(market, late)).filter((result) => 'givenMinor' in result);
      assert.equal(Number((await totals(market)).gifts), Number(before.gifts) + made.length);
      await auditWell(market);
    }
    assert.ok(closed > 0);
  });
