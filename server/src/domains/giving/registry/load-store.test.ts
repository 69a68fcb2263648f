import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderEventInput, OrdersAnswer } from '@rivulet/client/contract';
import { auditGiving } from '../audit.ts';
import { recordOrders } from '../intake/record-orders.ts';
import { keepGivenSoFar } from './load-store.ts';
import { putMerchants } from './put-merchants.ts';
import { putPledges } from './put-pledges.ts';
import { putRecipients } from './put-recipients.ts';
import { putSource } from './put-source.ts';
import { openTwoBooks, type TwoBooks } from './test/two-books.ts';

const name = { en: 'A name' };

async function openShop(): Promise<TwoBooks> {
  const house = await openTwoBooks();
  const { context, main } = house;
  const source = { name, zone: 'UTC', currencies: ['CNY'], base: [], test: false };
  await putSource(context, 'shop-1', source);
  const recipients = ['lunch', 'trees'].map((recipient) => {
    return { recipient, type: 'project', name, charity: name, assets: ['CNY'] };
  });
  await putRecipients(context, recipients, 'en');
  await putMerchants(
    main,
    'shop-1',
    [{ merchant: 'm-1', agreement: { reference: 'A', signedOn: '2026-05-01' } }],
    'en',
  );
  await put(house, 100);
  return house;
}

/** The next version of p-1, which gives so much a line. */
async function put(house: TwoBooks, fixedMinor: number, capMinor = 100_000): Promise<void> {
  const recipients = [{ recipient: 'lunch', weight: 3 }, { recipient: 'trees' }];
  const rule = { fixedMinor, per: 'line', capMinor };
  const pledge = { pledge: 'p-1', merchant: 'm-1', currency: 'CNY', recipients, items: ['i-1'], ...rule };
  await putPledges(house.main, 'shop-1', [pledge], 'en');
}

let orders = 0;

async function report(house: TwoBooks, lines: number): Promise<string[]> {
  const time = new Date(house.clock.ms).toISOString();
  const events = Array.from({ length: lines }, (): OrderEventInput => {
    const what = { source: 'shop-1', order: `o-${++orders}`, line: '1', merchant: 'm-1', item: 'i-1' };
    const amounts = { quantity: 1, paid: 5000, currency: 'CNY' };
    return { type: 'order.completed', ...what, ...amounts, placedAt: time, completedAt: time };
  });
  const text = await recordOrders(house.context, events, { source: 'shop-1', language: 'en' });
  const { results } = JSON.parse(Buffer.from(text).toString()) as OrdersAnswer;
  return results.map((result) => {
    if (result.outcome === 'ignored') return result.reason;
    return 'givenMinor' in result ? `${result.outcome} ${result.givenMinor}` : result.outcome;
  });
}

async function sell(house: TwoBooks, lines: number): Promise<void> {
  const outcomes = await report(house, lines);
  assert.ok(outcomes.every((outcome) => outcome.startsWith('created')));
}

function given(house: TwoBooks) {
  const pledge = house.catalogue.pledge('shop-1', 'p-1');
  return { versions: pledge?.versions.map(({ running }) => running.given), gross: pledge?.running.gross };
}

test('what was given so far is the same after a start, however often it was noted in between', async () => {
  let house = await openShop();
  const { pool } = house.context;
  await sell(house, 3);
  assert.equal(await keepGivenSoFar(pool, 1, 1), true);
  assert.equal(await keepGivenSoFar(pool, 1, 1), false, 'nothing was added since');
  await sell(house, 4);
  assert.equal(await keepGivenSoFar(pool, 1, 1_000), false, 'too little was added');
  house = await house.restart();
  assert.deepEqual(given(house), { versions: [700], gross: 700 });
  house.clock.ms += 1_000;
  await put(house, 250);
  await sell(house, 2);
  await keepGivenSoFar(pool, 1, 1);
  await sell(house, 1);
  house = await house.restart();
  assert.deepEqual(given(house), { versions: [700, 750], gross: 1450 });
  const client = await pool.connect();
  const findings = await auditGiving(client, 1);
  client.release();
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
});

test('two that note it at once count no gift twice', async () => {
  const house = await openShop();
  const { pool } = house.context;
  for (let round = 0; round < 5; round++) {
    await sell(house, 10);
    const noted = await Promise.all(Array.from({ length: 4 }, () => keepGivenSoFar(pool, 1, 1)));
    assert.equal(noted.filter(Boolean).length, 1);
  }
  const again = await house.restart();
  assert.deepEqual(given(again), { versions: [5000], gross: 5000 });
});

test('a cap goes on from what was given before a start', async () => {
  let house = await openShop();
  house.clock.ms += 1_000;
  await put(house, 5_000, 12_000);
  assert.deepEqual(await report(house, 2), ['created 5000', 'created 5000']);
  await keepGivenSoFar(house.context.pool, 1, 1);
  house = await house.restart();
  assert.deepEqual(await report(house, 3), ['created 2000', 'cap_reached', 'cap_reached']);
  assert.deepEqual(given(house), { versions: [0, 12_000], gross: 12_000 });
});
