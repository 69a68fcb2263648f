/** Every call of the client against a real server; every answer is held to the contract's own schema. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestRefused, RivuletClient } from '@rivulet/client';
import * as contract from '@rivulet/client/contract';
import { auditBook } from '../../server/src/edge/console/audit-command.ts';
import { startTestServer } from '../support/server.ts';

const { client, url, server } = await startTestServer();
const source = 'tea-market';
const placedAt = new Date(Date.now() + 60_000).toISOString();

type Line = Extract<contract.OrderEventInput, { type: 'order.completed' }>;

function line(order: string, changes: Partial<Line> = {}): Line {
  const usual = { source, order, line: '1', merchant: 'm-1', item: 'tea', quantity: 1, paid: 2_000, currency: 'CNY' };
  return { type: 'order.completed', ...usual, placedAt, completedAt: placedAt, ...changes };
}

function fits<S extends Parameters<typeof contract.read>[0]>(schema: S, answer: unknown) {
  const read = contract.read(schema, answer);
  assert.ok(read.ok, JSON.stringify([read, answer]).slice(0, 800));
  return read.value;
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of list) rows.push(row);
  return rows;
}

async function published(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await client.checkPromises()).every(({ verdict }) => verdict === 'kept')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the log did not come after');
}

test('a market is said, said again unchanged, changed, and listed', async () => {
  const market = { name: { en: 'Tea market', zh: '茶市' }, zone: 'Asia/Shanghai', currencies: ['CNY'] };
  assert.equal(fits(contract.SourceAnswer, await client.putSource(source, market)).outcome, 'created');
  assert.equal((await client.putSource(source, market)).outcome, 'unchanged');
  assert.equal((await client.putSource(source, { ...market, name: { zh: '大茶市' } })).outcome, 'changed');
  const project = { type: 'project', name: { zh: '午餐' }, charity: { zh: '云杉慈善会' }, assets: ['CNY'] } as const;
  const recipients = ['lunch', 'trees'].map((recipient) => ({ recipient, ...project, assets: ['CNY'] }));
  const said = fits(contract.RecipientAnswer, await client.putRecipients(recipients));
  assert.deepEqual(
    said.results.map(({ outcome }) => outcome),
    ['created', 'created'],
  );
  const agreement = { reference: 'G-7', signedOn: '2026-01-02' };
  fits(
    contract.MerchantAnswer,
    await client.putMerchants(source, [{ merchant: 'm-1', agreement }, { merchant: 'm-2' }]),
  );
  const shares = [{ recipient: 'lunch', weight: 2 }, { recipient: 'trees' }];
  const pledge = {
    pledge: 'p-1',
    merchant: 'm-1',
    currency: 'CNY',
    basisPoints: 100,
    recipients: shares,
    items: ['tea'],
  };
  const bare = { ...pledge, pledge: 'p-2', merchant: 'm-2' };
  const pledges = fits(contract.PledgeAnswer, await client.putPledges(source, [pledge, bare]));
  assert.deepEqual(
    pledges.results.map(({ outcome }) => outcome),
    ['created', 'refused'],
    'no agreement on file',
  );
  assert.equal((await client.putPledges(source, [pledge])).results[0]?.outcome, 'unchanged');
  const cup = { merchant: 'm-1', item: 'cup', pledge: 'p-1' };
  fits(contract.ItemAnswer, await client.putItems(source, [cup]));

  assert.deepEqual(
    (await all(client.sources())).map((row) => fits(contract.Source, row).source),
    [source],
  );
  assert.equal((await all(client.recipients())).map((row) => fits(contract.Recipient, row)).length, 2);
  assert.deepEqual(
    (await all(client.merchants(source))).map((row) => fits(contract.Merchant, row).merchant),
    ['m-1', 'm-2'],
  );
  assert.deepEqual(
    (await all(client.pledges(source))).map((row) => fits(contract.Pledge, row).pledge),
    ['p-1'],
  );
  assert.equal((await all(client.items(source))).map((row) => fits(contract.Item, row)).length, 2);
  const feed = (await all(client.feed(source))).map((row) => fits(contract.FeedRow, row));
  assert.deepEqual(new Set(feed.map(({ item }) => item)), new Set(['tea', 'cup']));
});

let code = '';
let gift = '';

test('orders are answered one by one, and many requests in their order', async () => {
  const events = [
    line('A-1', { buyer: 'u-1' }),
    line('A-1', { buyer: 'u-1' }),
    line('A-2', { item: 'spoon' }),
    line('A-3', { quantity: 0 }),
  ];
  const answer = fits(contract.OrdersAnswer, await client.sendOrders(events));
  assert.deepEqual(
    answer.results.map(({ outcome }) => outcome),
    ['created', 'duplicate', 'ignored', 'refused'],
  );
  const [made] = answer.results;
  assert.ok(made !== undefined && 'code' in made && made.givenMinor === '20');
  assert.deepEqual(
    made.parts.map(({ amountMinor }) => amountMinor),
    ['13', '7'],
  );
  [code, gift] = [made.code, made.gift];

  const back = {
    type: 'order.returned',
    source,
    return: 'R-1',
    order: 'A-1',
    line: '1',
    merchant: 'm-1',
    paid: 1_000,
    returnedAt: placedAt,
  } as const;
  const early = { ...back, return: 'R-2', order: 'A-9' };
  const returns = fits(contract.OrdersAnswer, await client.sendOrders([back, back, early]));
  const taken = returns.results[0];
  assert.ok(taken !== undefined && 'keptMinor' in taken);
  assert.deepEqual([taken.outcome, taken.gift, taken.returnedMinor, taken.keptMinor], ['created', gift, '10', '10']);
  assert.equal(returns.results[1]?.outcome, 'duplicate');
  assert.deepEqual(returns.results[2], { outcome: 'created', waiting: true });

  const many = Array.from({ length: 25 }, (_, i) => line(`B-${i}`));
  const sizes: number[] = [];
  for await (const { events: sent, answer: each } of client.sendAllOrders(many, { rows: 4, inFlight: 3 })) {
    assert.deepEqual(sent, many.slice(sizes.length * 4, sizes.length * 4 + 4));
    assert.ok(each.results.every(({ outcome }) => outcome === 'created'));
    sizes.push(each.results.length);
  }
  assert.deepEqual(sizes, [4, 4, 4, 4, 4, 4, 1]);
});

test('a gift is looked up by its code and by its order, proved, opened, and its buyer forgotten', async () => {
  await published();
  const found = fits(contract.Gift, await client.gift(code));
  assert.deepEqual([found.gift, found.givenMinor, found.keptMinor, found.published], [gift, '20', '10', true]);
  const order = fits(contract.OrderLookupAnswer, await client.order({ source, order: 'A-1', line: '1' }));
  assert.equal(order.outcome === 'gift' && order.gift.gift, gift);
  const none = fits(contract.OrderLookupAnswer, await client.order({ source, order: 'A-2', line: '1' }));
  assert.deepEqual(none, { outcome: 'ignored', reason: 'no_pledge' });
  assert.equal((await client.order({ source, order: 'Z-1', line: '1' })).outcome, 'unknown');

  const stranger = new RivuletClient({ url });
  const extra = (proof: string) =>
    JSON.parse(Buffer.from(/^extra (\S+)$/m.exec(proof)?.[1] ?? '', 'base64').toString());
  assert.equal('opening' in extra(await stranger.proof(gift)), false);
  assert.match(extra(await stranger.proof(gift, code)).opening.text, /"order":"A-1"/);
  assert.deepEqual(fits(contract.ErasureAnswer, await client.erase(source, 'u-1')).outcome, 'erased');
  assert.equal('opening' in extra(await stranger.proof(gift)), false);
});

test('days, changes and totals agree', async () => {
  const date = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Shanghai' }).format(new Date(placedAt));
  const day = fits(contract.DayReport, await client.day(source, date));
  const created = day.lines.find(({ outcome }) => outcome === 'created');
  assert.deepEqual([created?.lines, created?.minor], ['26', '520']);
  const changes = (await all(client.changes(-1, source))).map((change) => fits(contract.Change, change));
  assert.equal(changes.filter(({ type }) => type === 'gift.created').length, 26);
  assert.deepEqual(
    changes.map(({ index }) => index),
    changes.map(({ index }) => index).toSorted((a, b) => a - b),
  );
  assert.equal(changes.find(({ type }) => type === 'gift.returned')?.minor, '10');
  const totals = fits(contract.Totals, await client.totals());
  assert.deepEqual(totals.assets.CNY, { givenMinor: '520', returnedMinor: '10', gifts: '26' });
  assert.equal(fits(contract.RecipientTotals, await client.recipientTotals()).recipients.length, 2);
  const stop = new AbortController();
  for await (const streamed of client.totalsStream(stop.signal)) {
    assert.deepEqual(fits(contract.Totals, streamed).assets, totals.assets);
    break;
  }
  stop.abort();
  assert.equal(fits(contract.Health, await client.health()).status, 'ok');
});

test('what is refused says why in the caller’s language; a stranger may not write', async () => {
  const chinese = new RivuletClient({ url, key: 'rvk_x_y', language: 'zh' });
  const error = await chinese
    .putSource('other', { name: { zh: '店' }, zone: 'Asia/Shanghai', currencies: ['CNY'] })
    .catch((reason) => reason);
  assert.ok(error instanceof RequestRefused && error.status === 401, String(error));
  assert.match(error.message, /\p{Script=Han}/u);
  const mars = await client
    .putSource(source, { name: { zh: '店' }, zone: 'Mars/Olympus', currencies: ['CNY'] })
    .catch((reason) => reason);
  assert.ok(mars instanceof RequestRefused);
  assert.deepEqual([mars.status, mars.detail.field], [400, 'zone']);
});

test('the books of this journey pass the audit', async () => {
  const findings = await auditBook(server.installation.database, 1);
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
});
