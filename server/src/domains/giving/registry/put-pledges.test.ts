import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemRow, PledgeInput, PledgeRow } from '@rivulet/client/contract';
import { isRefusal } from '#base/refusal';
import type { Terms } from '../pledge/terms.ts';
import { putItems } from './put-items.ts';
import { putMerchants } from './put-merchants.ts';
import { endPledge, putPledges } from './put-pledges.ts';
import { putRecipients } from './put-recipients.ts';
import { putSource } from './put-source.ts';
import { openTwoBooks, type TwoBooks } from './test/two-books.ts';

const start = Date.parse('2026-06-01T00:00:00Z');
const hour = 3_600_000;
const name = { en: 'A name', zh: '名称' };
const agreement = { reference: 'A-1', signedOn: '2026-05-01' };

async function openShop(): Promise<TwoBooks> {
  const house = await openTwoBooks({ ms: start });
  const { context, main } = house;
  await putSource(context, 'shop-1', {
    name,
    zone: 'Asia/Shanghai',
    currencies: ['CNY', 'JPY'],
    base: ['tax', 'shipping'],
    test: false,
  });
  await putSource(context, 'trial', { name, zone: 'Asia/Shanghai', currencies: ['CNY'], base: [], test: true });
  const recipients = ['lunch', 'trees', 'care'].map((recipient) => ({
    recipient,
    type: 'project',
    name,
    charity: name,
    assets: ['CNY'],
  }));
  await putRecipients(context, recipients, 'en');
  await putMerchants(
    main,
    'shop-1',
    [{ merchant: 'm-1', agreement }, { merchant: 'm-2', agreement }, { merchant: 'm-none' }],
    'en',
  );
  await putMerchants(house.test, 'trial', [{ merchant: 'm-1', agreement }], 'en');
  return house;
}

const row = (over: Partial<PledgeInput> = {}): PledgeInput => ({
  pledge: 'p-1',
  merchant: 'm-1',
  currency: 'CNY',
  basisPoints: 100,
  recipients: [{ recipient: 'lunch' }],
  items: ['i-1'],
  ...over,
});

async function put(house: TwoBooks, ...rows: PledgeInput[]): Promise<string[]> {
  const { results } = await putPledges(house.main, 'shop-1', rows, 'en');
  return results.map((result) =>
    result.outcome === 'refused' ? result.error.code : `${result.outcome} ${result.version}`,
  );
}

function inForce(house: TwoBooks, atMs: number, named?: string, item = 'i-1'): string {
  const found = house.catalogue.termsInForce('shop-1', 'm-1', item, atMs, named);
  return 'reason' in found ? found.reason : `${found.pledge}@${found.version}`;
}

test('the same content again says nothing; other content is the next version from then on', async () => {
  const house = await openShop();
  assert.deepEqual(await put(house, row()), ['created 1']);
  const said = (await house.entries(1)).length;
  assert.deepEqual(await put(house, row(), row({ recipients: [{ recipient: 'lunch', weight: 1 }] })), [
    'unchanged 1',
    'unchanged 1',
  ]);
  assert.equal((await house.entries(1)).length, said);
  house.clock.ms = start + hour;
  assert.deepEqual(await put(house, row({ basisPoints: 200 })), ['changed 2']);
  assert.equal(inForce(house, start + hour - 1), 'p-1@1');
  assert.equal(inForce(house, start + hour), 'p-1@2');
  assert.equal(inForce(house, start - 1), 'not_started');
  assert.equal(inForce(house, start, undefined, 'i-2'), 'no_pledge');
});

test('a version never starts before it was accepted, unless it is imported history', async () => {
  const house = await openShop();
  house.clock.ms = start + 400;
  await put(
    house,
    row({ startsAt: '2026-01-01' }),
    row({ pledge: 'old', items: ['i-2'], startsAt: '2026-01-01', imported: true }),
  );
  assert.equal(inForce(house, start - 1), 'not_started');
  assert.equal(inForce(house, start), 'p-1@1');
  assert.equal(inForce(house, Date.parse('2026-01-01T00:00:00+08:00'), undefined, 'i-2'), 'old@1');
  assert.equal(inForce(house, Date.parse('2025-12-31T23:59:59+08:00'), undefined, 'i-2'), 'not_started');
  const entries = (await house.entries(1)).filter((entry) => entry.kind === 'giving.terms');
  assert.deepEqual(
    entries.map((entry) => [entry.from, entry.imported]),
    [
      ['2026-06-01T00:00:00Z', undefined],
      ['2025-12-31T16:00:00Z', true],
    ],
  );
});

test('a pledge holds through its last day in the source’s zone', async () => {
  const house = await openShop();
  await put(house, row({ startsAt: '2026-06-10', endsAt: '2026-06-12' }));
  const at = (time: string) => inForce(house, Date.parse(`2026-06-${time}+08:00`));
  assert.deepEqual(
    [at('09T23:59:59'), at('10T00:00:00'), at('12T23:59:59'), at('13T00:00:00')],
    ['not_started', 'p-1@1', 'p-1@1', 'ended'],
  );
});

test('the newest version that has started governs, in whatever order the starts lie', async () => {
  const house = await openShop();
  await put(house, row({ startsAt: '2026-06-10T00:00:00Z' }));
  await put(house, row({ basisPoints: 200, startsAt: '2026-06-05T00:00:00Z' }));
  assert.equal(inForce(house, Date.parse('2026-06-04T00:00:00Z')), 'not_started');
  assert.equal(inForce(house, Date.parse('2026-06-06T00:00:00Z')), 'p-1@2');
  assert.equal(inForce(house, Date.parse('2026-06-20T00:00:00Z')), 'p-1@2');
});

test('a pledge is ended now, once, and can begin again', async () => {
  const house = await openShop();
  await put(house, row(), row({ pledge: 'later', startsAt: '2026-07-01' }));
  house.clock.ms = start + hour;
  const ended = await endPledge(house.main, 'shop-1', 'p-1');
  assert.ok(!isRefusal(ended) && ended.outcome === 'changed' && ended.version === 2);
  house.clock.ms += hour;
  const again = await endPledge(house.main, 'shop-1', 'p-1');
  assert.ok(!isRefusal(again) && again.outcome === 'unchanged');
  assert.equal(inForce(house, start + hour), 'ended');
  assert.equal(inForce(house, start + hour - 1), 'p-1@1');
  assert.deepEqual(await put(house, row()), ['changed 3']);
  assert.equal(inForce(house, start + 2 * hour), 'p-1@3');
  assert.ok(isRefusal(await endPledge(house.main, 'shop-1', 'nothing')));
  await endPledge(house.main, 'shop-1', 'later');
  assert.deepEqual(
    house.catalogue.pledge('shop-1', 'later')?.versions.map(({ ended }) => ended),
    [false, true],
  );
});

test('a buyer’s version governs when it was in force within the day before the order', async () => {
  const house = await openShop();
  await put(house, row());
  house.clock.ms = start + 2 * hour;
  await put(house, row({ basisPoints: 200 }), row({ pledge: 'p-2', items: ['i-2'] }));
  house.clock.ms = start + 4 * hour;
  await put(house, row({ pledge: 'p-3', items: ['i-1'] }));
  const placed = start + 5 * hour;
  const cases: [string, number, string][] = [
    ['p-1@1', placed, 'p-1@1'],
    ['p-1@1', start + 26 * hour - 1, 'p-1@1'],
    ['p-1@1', start + 26 * hour, 'pledge_not_in_force'],
    ['p-1', placed, 'p-1@2'],
    ['p-1', start + hour, 'p-1@1'],
    ['p-1', start + 28 * hour, 'pledge_not_in_force'],
    ['p-3', placed, 'p-3@1'],
    ['p-3', start + 3 * hour, 'pledge_not_in_force'],
    ['p-3@2', placed, 'pledge_unknown'],
    ['p-2', placed, 'pledge_unknown'],
    ['p-1@x', placed, 'pledge_unknown'],
    ['nothing', placed, 'pledge_unknown'],
  ];
  for (const [named, at, expected] of cases)
    assert.equal(inForce(house, at, named), expected, `${named} at ${at - start}`);
});

test('each refusal names its member and spoils no neighbour', async () => {
  const house = await openShop();
  await put(house, row());
  const many = Array.from({ length: 13 }, (_, i) => ({ recipient: `r${i}` }));
  const cases: [Partial<PledgeInput> | string, string, string | undefined][] = [
    [{ pledge: 'a', merchant: 'm-9' }, 'merchant_unknown', 'merchant'],
    [{ pledge: 'a', merchant: 'm-none' }, 'agreement_missing', 'merchant'],
    [{ merchant: 'm-2' }, 'merchant_fixed', 'merchant'],
    [{ currency: 'JPY' }, 'currency_fixed', 'currency'],
    [{ pledge: 'a', currency: 'USD' }, 'currency_not_of_source', 'currency'],
    [{ pledge: 'a', currency: 'JPY' }, 'currency_not_taken', 'recipients[0].recipient'],
    [
      { pledge: 'a', recipients: [{ recipient: 'lunch' }, { recipient: 'nobody' }] },
      'recipient_unknown',
      'recipients[1].recipient',
    ],
    [{ pledge: 'a', recipients: many }, 'too_large', 'recipients'],
    [{ pledge: 'a', recipients: [{ recipient: 'lunch' }, { recipient: 'lunch' }] }, 'invalid', 'recipients'],
    [{ pledge: 'a', recipients: [{ recipient: 'lunch', weight: 0 }] }, 'too_small', 'recipients[0].weight'],
    [{ pledge: 'a', basisPoints: 9 }, 'too_small', 'basisPoints'],
    [{ pledge: 'a', fixedMinor: 2, per: 'line' }, 'invalid', undefined],
    [{ pledge: 'a', endsAt: '2026-05-31' }, 'ends_before_start', 'endsAt'],
    [{ pledge: 'a', startsAt: '2026-02-30' }, 'bad_format', 'startsAt'],
    [{ pledge: 'a@1' }, 'bad_format', 'pledge'],
    ['not a row', 'wrong_type', undefined],
  ];
  const rows = cases.map(([over]) => (typeof over === 'string' ? over : { ...row(), items: [], ...over }));
  const { results } = await putPledges(
    house.main,
    'shop-1',
    [row({ pledge: 'before' }), ...rows, row({ pledge: 'after' })],
    'zh',
  );
  assert.equal(results[0]?.outcome, 'created');
  assert.equal(results.at(-1)?.outcome, 'created');
  cases.forEach(([, code, field], i) => {
    const result = results[i + 1];
    assert.ok(result?.outcome === 'refused', code);
    assert.deepEqual([result.error.code, result.error.field], [code, field]);
    assert.match(result.error.message, /[\u4e00-\u9fff]/);
  });
  assert.equal(house.catalogue.pledge('shop-1', 'a'), undefined);
});

test('accounts, recipients and assets are said once, in each book that needs them', async () => {
  const house = await openShop();
  const split = [
    { recipient: 'lunch', weight: 50 },
    { recipient: 'trees', weight: 30 },
  ];
  await put(house, row({ recipients: split }), row({ pledge: 'p-2', recipients: split, items: [] }));
  await put(house, row({ recipients: split, basisPoints: 300 }));
  const kinds = (await house.entries(1)).map((entry) => entry.kind);
  const count = (kind: string) => kinds.filter((found) => found === kind).length;
  assert.deepEqual(
    ['ledger.asset', 'ledger.account', 'giving.recipient', 'giving.merchant', 'giving.terms'].map(count),
    [1, 3, 2, 3, 3],
  );
  assert.ok(!(await house.entries(2)).some((entry) => entry.kind === 'giving.recipient'));
  await putPledges(house.test, 'trial', [row()], 'en');
  const inTest = (await house.entries(2)).filter((entry) => entry.kind === 'giving.recipient');
  assert.equal(inTest.length, 1);
  await putRecipients(
    house.context,
    [{ recipient: 'lunch', type: 'project', name: { en: 'Hot lunch' }, charity: name, assets: ['CNY'] }],
    'en',
  );
  for (const bookId of [1, 2]) {
    const said = (await house.entries(bookId)).findLast((entry) => entry.kind === 'giving.recipient');
    assert.deepEqual(said?.name, { en: 'Hot lunch' });
  }
});

test('after a restart the catalogue is what it was', async () => {
  const house = await openShop();
  const split = [
    { recipient: 'lunch', weight: 2 },
    { recipient: 'care', weight: 3 },
  ];
  await put(
    house,
    row({ recipients: split, capMinor: 100 }),
    row({ pledge: 'p-2', items: ['i-2'], endsAt: '2026-08-01' }),
  );
  house.clock.ms += hour;
  await put(house, row({ recipients: split, basisPoints: 300 }));
  await put(house, { ...(row({ recipients: split }) as PledgeRow), pledge: 'p-3', items: ['i-1', 'i-3'] });
  await endPledge(house.main, 'shop-1', 'p-2');
  const items: ItemRow[] = [{ merchant: 'm-1', item: 'i-3', pledge: null, startsAt: '2026-09-01' }];
  await putItems(house.main, 'shop-1', items, 'en');
  await putPledges(house.test, 'trial', [row()], 'en');
  const seen = (of: TwoBooks) =>
    ['p-1', 'p-2', 'p-3'].map((pledge) => of.catalogue.pledge('shop-1', pledge)?.versions.map(comparable));
  const before = [
    seen(house),
    house.catalogue.periods('shop-1', 'm-1', 'i-1'),
    house.catalogue.periods('shop-1', 'm-1', 'i-3'),
  ];
  const restarted = await house.restart();
  const after = [
    seen(restarted),
    restarted.catalogue.periods('shop-1', 'm-1', 'i-1'),
    restarted.catalogue.periods('shop-1', 'm-1', 'i-3'),
  ];
  assert.deepEqual(after, before);
  assert.equal(restarted.catalogue.source('trial')?.bookId, 2);
  assert.equal(restarted.catalogue.pledge('trial', 'p-1')?.versions.length, 1);
  assert.deepEqual(house.bugs, []);
});

function comparable({ running, pledgeRunning, ...terms }: Terms) {
  return { ...terms, given: running.given, gross: pledgeRunning.gross };
}
