import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemRow, MerchantInput, RecipientRow, SourceBody } from '@rivulet/client/contract';
import { isRefusal } from '#base/refusal';
import { listItems, listMerchants, listPledges, listRecipients, listSources, readFeed } from './list-store.ts';
import { putItems } from './put-items.ts';
import { putMerchants } from './put-merchants.ts';
import { endPledge, putPledges } from './put-pledges.ts';
import { putRecipients } from './put-recipients.ts';
import { putSource } from './put-source.ts';
import { openTwoBooks, type TwoBooks } from './test/two-books.ts';

const start = Date.parse('2026-06-01T00:00:00Z');
const hour = 3_600_000;
const name = { en: 'A name' };
const agreement = { reference: 'A-1', signedOn: '2026-05-01' };
const page = { limit: 100 };

const source = (over: Partial<SourceBody> = {}): SourceBody => {
  return { name, zone: 'Asia/Shanghai', currencies: ['CNY'], base: ['shipping'], test: false, ...over };
};
const recipient = (over: Partial<RecipientRow> = {}): RecipientRow => {
  return { recipient: 'lunch', type: 'project', name, charity: name, assets: ['CNY', 'USD'], ...over };
};

function codes(answer: { results: readonly { outcome: string; error?: { code: string } }[] }): string[] {
  return answer.results.map((result) => result.error?.code ?? result.outcome);
}

async function said(house: TwoBooks, bookId: number, kind: string) {
  return (await house.entries(bookId)).filter((entry) => entry.kind === kind);
}

test('a source is said when something public changes, and stays in its book', async () => {
  const house = await openTwoBooks();
  const put = async (over: Partial<SourceBody> = {}, id = 'shop-1') => {
    const result = await putSource(house.context, id, source(over));
    return isRefusal(result) ? `${result.code} ${result.field}` : `${result.outcome} ${result.book}`;
  };
  assert.equal(await put(), 'created main');
  assert.equal(await put(), 'unchanged main');
  assert.equal(await put({ base: ['tax', 'shipping'], currencies: ['CNY', 'USD'] }), 'changed main');
  assert.equal(await put({ base: ['shipping', 'tax'], currencies: ['CNY', 'USD'] }), 'unchanged main');
  assert.equal((await said(house, 1, 'giving.source')).length, 1);
  assert.equal(await put({ zone: 'UTC' }), 'changed main');
  assert.equal((await said(house, 1, 'giving.source')).length, 2);
  assert.equal(await put({ test: true }), 'test_fixed test');
  assert.equal(await put({ test: true }, 'trial'), 'created test');
  assert.equal(await put({ test: false }, 'trial'), 'test_fixed test');
  assert.equal(await put({ currencies: ['CNY', 'ABC'] }), 'currency_unknown currencies[1]');
  assert.equal((await said(house, 2, 'giving.source')).length, 1);
});

test('of two that name one source for two books at once, one wins', async () => {
  const house = await openTwoBooks();
  const both = await Promise.all([true, false].map((test) => putSource(house.context, 'shop-1', source({ test }))));
  assert.deepEqual(both.map((result) => (isRefusal(result) ? result.code : result.outcome)).sort(), [
    'created',
    'test_fixed',
  ]);
  assert.equal((await said(house, 1, 'giving.source')).length + (await said(house, 2, 'giving.source')).length, 1);
  assert.deepEqual(house.bugs, []);
});

test('a merchant’s name is public only where its agreement says so', async () => {
  const house = await openTwoBooks();
  await putSource(house.context, 'shop-1', source());
  const put = async (...rows: MerchantInput[]) => codes(await putMerchants(house.main, 'shop-1', rows, 'en'));
  assert.deepEqual(await put({ merchant: 'm-1', name: { en: 'Tea house' } }), ['created']);
  assert.deepEqual(await put({ merchant: 'm-1', name: { en: 'Tea house' } }), ['unchanged']);
  assert.deepEqual(await put({ merchant: 'm-1', name: { en: 'Tea house' }, agreement }), ['changed']);
  assert.equal((await said(house, 1, 'giving.merchant')).length, 1);
  assert.deepEqual(await put({ merchant: 'm-1', name: { en: 'Tea house' }, public: true, agreement }), ['changed']);
  assert.deepEqual(await put({ merchant: 'm-1', agreement }), ['changed']);
  const names = (await said(house, 1, 'giving.merchant')).map((entry) => ('name' in entry ? entry.name : null));
  assert.deepEqual(names, [null, { en: 'Tea house' }, null]);
  assert.deepEqual(
    await put(
      { merchant: 'm-2', public: true, agreement },
      { merchant: 'm-2', public: true, name },
      { merchant: 'm-2', agreement: { reference: 'B', signedOn: '2026-06-02' } },
      { merchant: 'm-2' },
      { merchant: 'm-2', agreement },
      { merchant: 'm\u0000' },
    ),
    ['name_missing', 'agreement_missing', 'signed_later', 'created', 'changed', 'bad_format'],
  );
  const { list } = await listMerchants(house.context.pool, 'shop-1', page);
  assert.deepEqual(
    list.map(({ publicId, ...rest }) => ({ ...rest, id: publicId.length })),
    [
      { merchant: 'm-1', public: false, agreement, id: 16 },
      { merchant: 'm-2', public: false, agreement, id: 16 },
    ],
  );
});

test('an agreement that pledges stand on can be replaced, not taken away', async () => {
  const house = await openPledged();
  const put = async (row: MerchantInput) => codes(await putMerchants(house.main, 'shop-1', [row], 'en'));
  assert.deepEqual(await put({ merchant: 'm-1' }), ['agreement_needed']);
  assert.deepEqual(await put({ merchant: 'm-1', agreement: { ...agreement, reference: 'A-2' } }), ['changed']);
  assert.deepEqual(await put({ merchant: 'm-2' }), ['changed']);
});

test('a recipient keeps its public id, and no asset that pledges give it', async () => {
  const house = await openPledged();
  const put = async (...rows: RecipientRow[]) =>
    codes(await putRecipients(house.context, rows, 'en', new Date(house.clock.ms)));
  const before = (await listRecipients(house.context.pool, page)).list[0]?.publicId;
  assert.deepEqual(await put(recipient()), ['unchanged']);
  assert.deepEqual(await put(recipient({ assets: ['USD'] })), ['asset_in_use']);
  assert.deepEqual(await put(recipient({ assets: ['CNY'] }), recipient({ recipient: 'trees' })), [
    'changed',
    'created',
  ]);
  house.clock.ms += hour;
  await endPledge(house.main, 'shop-1', 'p-1');
  assert.deepEqual(await put(recipient({ assets: ['USD'] })), ['asset_in_use']);
  await endPledge(house.main, 'shop-1', 'p-2');
  assert.deepEqual(await put(recipient({ assets: ['USD'] })), ['changed']);
  assert.equal((await listRecipients(house.context.pool, page)).list[0]?.publicId, before);
});

test('an item carries one pledge at a time, by periods', async () => {
  const house = await openPledged();
  const put = async (...rows: ItemRow[]) => codes(await putItems(house.main, 'shop-1', rows, 'en'));
  const item = (over: Partial<ItemRow> = {}): ItemRow => ({ merchant: 'm-1', item: 'i-9', pledge: 'p-1', ...over });
  const carries = (days: number) => {
    const found = house.catalogue.termsInForce('shop-1', 'm-1', 'i-9', start + days * 24 * hour);
    return 'reason' in found ? found.reason : found.pledge;
  };
  assert.deepEqual(await put(item(), item()), ['created', 'unchanged']);
  assert.deepEqual(
    await put(item({ pledge: 'p-2', startsAt: '2026-06-05' }), item({ pledge: null, startsAt: '2026-06-07' })),
    ['changed', 'changed'],
  );
  assert.deepEqual([0, 3, 4, 6].map(carries), ['p-1', 'p-1', 'p-2', 'ended']);
  assert.deepEqual(await put(item({ pledge: 'p-1', startsAt: '2026-06-05' })), ['changed']);
  assert.equal(carries(4), 'p-1');
  assert.deepEqual(await put(item({ startsAt: '2026-01-01', pledge: null })), ['changed']);
  assert.equal(carries(0), 'ended');
  assert.deepEqual(
    await put(
      item({ merchant: 'm-9' }),
      item({ pledge: 'p-9' }),
      item({ merchant: 'm-2' }),
      item({ item: 'new', pledge: null }),
    ),
    ['merchant_unknown', 'pledge_unknown', 'merchant_differs', 'unchanged'],
  );
});

test('a schedule may be said in any order', async () => {
  const house = await openPledged();
  const schedule: ItemRow[] = [
    { merchant: 'm-1', item: 'i-1', pledge: 'p-1', startsAt: '2026-06-20' },
    { merchant: 'm-1', item: 'i-1', pledge: null, startsAt: '2026-06-10' },
  ];
  assert.deepEqual(codes(await putItems(house.main, 'shop-1', schedule, 'en')), ['changed', 'changed']);
  assert.deepEqual(codes(await putItems(house.main, 'shop-1', schedule, 'en')), ['unchanged', 'unchanged']);
  const carried = ['2026-06-05', '2026-06-15', '2026-06-25'].map((day) => {
    const found = house.catalogue.termsInForce('shop-1', 'm-1', 'i-1', Date.parse(day));
    return 'reason' in found ? found.reason : found.pledge;
  });
  assert.deepEqual(carried, ['p-1', 'ended', 'p-1']);
});

test('a point in time that is said anew comes again in the feed', async () => {
  const house = await openPledged();
  const point = { merchant: 'm-1', item: 'i-1', startsAt: '2026-07-01' };
  await putItems(house.main, 'shop-1', [{ ...point, pledge: 'p-2' }], 'en');
  const first = await readFeed(house.context.pool, 'shop-1', page);
  assert.ok(!isRefusal(first) && first.next !== null);
  await putItems(house.main, 'shop-1', [{ ...point, pledge: null }], 'en');
  const more = await readFeed(house.context.pool, 'shop-1', { ...page, after: first.next });
  assert.ok(!isRefusal(more));
  assert.deepEqual(
    more.list.map(({ item, pledge }) => [item, pledge]),
    [['i-1', null]],
  );
});

test('the feed tells each pledged item, until when, and again whatever changes', async () => {
  const house = await openPledged();
  const feed = async (after = '0') => {
    const found = await readFeed(house.context.pool, 'shop-1', { after, limit: 2 });
    assert.ok(!isRefusal(found));
    return {
      rows: found.list.map((row) => `${row.item} ${row.pledge} ${row.from} ${row.until ?? ''}`.trim()),
      next: found.next,
    };
  };
  const first = await feed();
  assert.deepEqual(first.rows, ['i-1 p-1 2026-06-01T00:00:00Z', 'i-2 p-2 2026-06-01T00:00:00Z 2026-08-31T16:00:00Z']);
  const empty = await feed(first.next as string);
  assert.deepEqual(empty, { rows: [], next: null });
  await putItems(house.main, 'shop-1', [{ merchant: 'm-1', item: 'i-1', pledge: 'p-2', startsAt: '2026-07-01' }], 'en');
  house.clock.ms += hour;
  await endPledge(house.main, 'shop-1', 'p-1');
  const changed = await feed(first.next as string);
  assert.deepEqual(changed.rows, [
    'i-1 p-2 2026-06-30T16:00:00Z 2026-08-31T16:00:00Z',
    'i-1 p-1 2026-06-01T00:00:00Z 2026-06-01T01:00:00Z',
  ]);
  assert.ok(isRefusal(await readFeed(house.context.pool, 'shop-1', { after: 'x', limit: 2 })));
});

test('lists come page by page', async () => {
  const house = await openPledged();
  const { pool } = house.context;
  const merchants = Array.from({ length: 25 }, (_, i) => ({ merchant: `x-${String(i).padStart(2, '0')}` }));
  await putMerchants(house.main, 'shop-1', merchants, 'en');
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const { list, next } = await listMerchants(pool, 'shop-1', { after, limit: 9 });
    seen.push(...list.map(({ merchant }) => merchant));
    if (next === null) break;
    after = next;
  }
  assert.deepEqual(seen, ['m-1', 'm-2', ...merchants.map(({ merchant }) => merchant)]);
  assert.deepEqual(
    (await listSources(house.context, page)).list.map(({ source: id, book }) => [id, book]),
    [['shop-1', 'main']],
  );
  const { list } = await listPledges(pool, 'shop-1', page);
  assert.deepEqual(list.map(({ publicId: _, ...rest }) => rest)[1], {
    pledge: 'p-2',
    merchant: 'm-1',
    version: 1,
    currency: 'CNY',
    fixedMinor: 2,
    per: 'unit',
    recipients: [{ recipient: 'lunch', weight: 1 }],
    startsAt: '2026-06-01T00:00:00Z',
    endsAt: '2026-08-31T16:00:00Z',
    capMinor: 1000,
    imported: false,
    termsIndex: list[1]?.termsIndex,
  });
  const items = await listItems(pool, 'shop-1', page);
  assert.ok(!isRefusal(items));
  assert.deepEqual(
    items.list.map((row) => `${row.item} ${row.pledge}`),
    ['i-1 p-1', 'i-2 p-2'],
  );
});

test('ten thousand rows go in, in parts, and again without a trace', async () => {
  const house = await openPledged();
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    merchant: 'm-1',
    item: `sku-${i}`,
    pledge: i % 2 ? 'p-1' : 'p-2',
  }));
  const count = (answer: { results: readonly { outcome: string }[] }, outcome: string) =>
    answer.results.filter((result) => result.outcome === outcome).length;
  const began = performance.now();
  assert.equal(count(await putItems(house.main, 'shop-1', rows, 'en'), 'created'), 10_000);
  assert.ok(performance.now() - began < 20_000);
  assert.equal(count(await putItems(house.main, 'shop-1', rows, 'en'), 'unchanged'), 10_000);
});

/** `p-1` on `i-1`, `p-2` with an end and a cap on `i-2`, both of `m-1` for `lunch`. */
async function openPledged(): Promise<TwoBooks> {
  const house = await openTwoBooks({ ms: start });
  await putSource(house.context, 'shop-1', source());
  await putRecipients(house.context, [recipient()], 'en');
  await putMerchants(
    house.main,
    'shop-1',
    [
      { merchant: 'm-1', agreement },
      { merchant: 'm-2', agreement },
    ],
    'en',
  );
  const common = { merchant: 'm-1', currency: 'CNY', recipients: [{ recipient: 'lunch' }] };
  const pledges = [
    { ...common, pledge: 'p-1', basisPoints: 100, items: ['i-1'] },
    { ...common, pledge: 'p-2', fixedMinor: 2, per: 'unit', endsAt: '2026-08-31', capMinor: 1000, items: ['i-2'] },
  ];
  assert.deepEqual(codes(await putPledges(house.main, 'shop-1', pledges, 'en')), ['created', 'created']);
  return house;
}
