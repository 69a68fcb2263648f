import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOrderEvent, limits, readOrderEvent } from '@rivulet/client/contract';
import { arrivals, ordersPerSecond } from './day-rhythm.ts';
import { demoMarket } from './market.ts';
import { demoRecipients } from './recipients.ts';
import { Shoppers } from './shoppers.ts';

const now = Date.parse('2026-11-18T12:00:00Z');
const day = 24 * 3_600_000;

/** mulberry32: the same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shoppersFrom(since: number, run = 'run') {
  const { goods, pledges } = demoMarket();
  const starts = new Map(pledges.map(({ pledge }) => [pledge, since]));
  return new Shoppers({ goods, since: starts, run, random: seeded(7) });
}

test('every event is one that intake reads, and nothing was placed before its pledge', () => {
  const since = now - day;
  const events = shoppersFrom(since).next(3_000, now);
  for (const event of events) {
    const read = readOrderEvent(JSON.parse(JSON.stringify(event)));
    assert.ok(isOrderEvent(read), JSON.stringify(event));
    if (event.type === 'order.completed') {
      assert.ok(Date.parse(event.placedAt) <= Date.parse(event.completedAt));
      assert.ok(event.item.endsWith('-21') || event.item.endsWith('-22') || Date.parse(event.placedAt) >= since);
    }
  }
});

test('about one order in a hundred brings something back that was sold, and no line more than once', () => {
  const events = shoppersFrom(0).next(5_000, now);
  const sold = new Map(
    events.flatMap((event) => (event.type === 'order.completed' ? [[`${event.order} ${event.line}`, event.paid]] : [])),
  );
  const returns = events.filter((event) => event.type === 'order.returned');
  assert.ok(returns.length > 25 && returns.length < 100, `${returns.length} returns`);
  assert.equal(new Set(returns.map(({ order, line }) => `${order} ${line}`)).size, returns.length);
  for (const { order, line, paid } of returns) assert.ok(paid <= (sold.get(`${order} ${line}`) ?? 0));
});

test('order numbers of two runs never meet', () => {
  const orders = (run: string) =>
    new Set(
      shoppersFrom(0, run)
        .next(500, now)
        .map(({ order }) => order),
    );
  const [first, second] = [orders('a'), orders('b')];
  assert.equal(first.size, 500);
  assert.ok([...first].every((order) => !second.has(order)));
});

test('a few things sell far more than others', () => {
  const count = new Map<string, number>();
  for (const event of shoppersFrom(0).next(5_000, now))
    if (event.type === 'order.completed') count.set(event.item, (count.get(event.item) ?? 0) + 1);
  const sorted = [...count.values()].sort((a, b) => b - a);
  const top = sorted.slice(0, 55).reduce((sum, n) => sum + n, 0);
  assert.ok(top > 5_000 * 0.3, `the best twentieth sold ${top}`);
  assert.ok(count.size > 700, `${count.size} things sold at all`);
});

test('a day has a night and an evening, and its mean', () => {
  const rates = Array.from({ length: 24 * 60 }, (_, minute) => ordersPerSecond(minute * 60_000, 1));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  assert.ok(Math.abs(mean - 1) < 0.05, `mean ${mean}`);
  const at = (hour: number) => ordersPerSecond(((hour - 8 + 24) % 24) * 3_600_000, 1);
  assert.ok(at(21) > 1.9 && at(4) < 0.2 && at(13) > at(16));
});

test('arrivals come in their mean', () => {
  const random = seeded(3);
  const counts = Array.from({ length: 20_000 }, () => arrivals(1.7, random));
  const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  assert.ok(Math.abs(mean - 1.7) < 0.05, `mean ${mean}`);
  assert.equal(arrivals(0, random), 0);
});

test('the market is the same each time, in both languages, and says that it is made up', () => {
  const market = demoMarket();
  assert.deepEqual(demoMarket(), market);
  assert.equal(market.merchants.length, 50);
  assert.equal(market.goods.filter(({ pledge }) => pledge !== null).length, 1_000);
  assert.ok(market.ended.length > 0 && market.pledges.some(({ capMinor }) => capMinor !== undefined));
  assert.ok(market.goods.every(({ priceMinor }) => priceMinor > 0 && priceMinor < limits.amountMinor));
  const known = new Set(demoRecipients.map(({ recipient }) => recipient));
  assert.ok(market.pledges.every(({ recipients }) => recipients.every(({ recipient }) => known.has(recipient))));
  assert.deepEqual(
    new Set(market.pledges.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient))),
    known,
  );
  for (const { name, charity } of demoRecipients) {
    assert.ok(name.en && name.zh && charity.en?.includes('(demo)') && charity.zh?.includes('（演示）'));
  }
  assert.equal(new Set(market.merchants.map(({ name }) => name?.en)).size, 50);
  assert.ok(
    market.merchants.every(({ name }) => /^[ -~]+$/.test(name?.en ?? '') && /[\u4e00-\u9fff]/.test(name?.zh ?? '')),
  );
});
