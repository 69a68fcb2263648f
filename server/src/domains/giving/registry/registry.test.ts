import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { auditGiving } from '../audit.ts';
import type { Period } from '../pledge/periods.ts';
import type { Pledge } from '../pledge/terms.ts';
import { Catalogue } from './catalogue.ts';
import { knowSources } from './load-store.ts';
import { putItems } from './put-items.ts';
import { putMerchants } from './put-merchants.ts';
import { endPledge, putPledges } from './put-pledges.ts';
import { putRecipients } from './put-recipients.ts';
import { putSource } from './put-source.ts';
import { openTwoBooks, type TwoBooks } from './test/two-books.ts';

const start = Date.parse('2026-06-01T00:00:00Z');
const day = 24 * 3_600_000;
const name = { en: 'A name' };
const source = { name, zone: 'Asia/Shanghai', currencies: ['CNY'], base: [], test: false };
const agreement = { reference: 'A-1', signedOn: '2026-05-01' };

const pledgeIds = ['p-1', 'p-2', 'p-3'];
const itemIds = ['i-1', 'i-2', 'i-3', 'i-4'];

async function openShop(): Promise<TwoBooks> {
  const house = await openTwoBooks({ ms: start });
  await putSource(house.context, 'shop-1', source);
  const recipients = ['lunch', 'trees'].map((recipient) => {
    return { recipient, type: 'project', name, charity: name, assets: ['CNY'] };
  });
  await putRecipients(house.context, recipients, 'en');
  await putMerchants(house.main, 'shop-1', [{ merchant: 'm-1', agreement }], 'en');
  return house;
}

/** A day of June or July, or none. */
const when = fc.option(
  fc.integer({ min: 1, max: 60 }).map((n) => new Date(start + n * day).toISOString().slice(0, 10)),
  { nil: undefined },
);

type Step = (house: TwoBooks) => Promise<unknown>;

const anyPledge: fc.Arbitrary<Step> = fc
  .record({
    pledge: fc.constantFrom(...pledgeIds),
    basisPoints: fc.constantFrom(100, 200),
    startsAt: when,
    endsAt: when,
    imported: fc.boolean(),
    items: fc.uniqueArray(fc.constantFrom(...itemIds)),
    split: fc.boolean(),
  })
  .map(({ split, startsAt, endsAt, ...row }) => (house) => {
    const recipients = split ? [{ recipient: 'lunch', weight: 3 }, { recipient: 'trees' }] : [{ recipient: 'trees' }];
    const dates = { ...(startsAt && { startsAt }), ...(endsAt && { endsAt }) };
    const asked = { ...row, ...dates, merchant: 'm-1', currency: 'CNY', recipients };
    return putPledges(house.main, 'shop-1', [asked], 'en');
  });

const anyItem: fc.Arbitrary<Step> = fc
  .record({
    item: fc.constantFrom(...itemIds),
    pledge: fc.option(fc.constantFrom(...pledgeIds)),
    startsAt: when,
  })
  .map(({ startsAt, ...row }) => (house) => {
    return putItems(house.main, 'shop-1', [{ ...row, merchant: 'm-1', ...(startsAt && { startsAt }) }], 'en');
  });

const anyEnd: fc.Arbitrary<Step> = fc
  .constantFrom(...pledgeIds)
  .map((pledge) => (house) => endPledge(house.main, 'shop-1', pledge));

const wait: fc.Arbitrary<Step> = fc.integer({ min: 1, max: 10 * day }).map((ms) => async (house) => {
  house.clock.ms += ms;
});

const history = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: anyPledge },
    { weight: 3, arbitrary: anyItem },
    { weight: 1, arbitrary: anyEnd },
    { weight: 2, arbitrary: wait },
  ),
  { minLength: 5, maxLength: 25 },
);

/** Everything that intake could be told, at many times. */
function picture({ catalogue }: TwoBooks): string[] {
  const names = [undefined, ...pledgeIds, 'p-1@1', 'p-1@2', 'p-2@3'];
  const times = Array.from({ length: 80 }, (_, i) => start - 5 * day + i * day + 1);
  return itemIds.flatMap((item) =>
    names.flatMap((named) =>
      times.map((at) => {
        const found = catalogue.termsInForce('shop-1', 'm-1', item, at, named);
        return `${item} ${named} ${at} ${'reason' in found ? found.reason : found.index}`;
      }),
    ),
  );
}

function pointsOf({ catalogue }: TwoBooks): string[] {
  return itemIds.flatMap((item) => {
    const points: string[] = [];
    let period: Period<Pledge> | null = catalogue.periods('shop-1', 'm-1', item);
    for (; period !== null; period = period.before) points.push(`${item} ${period.fromMs} ${period.pledge?.pledge}`);
    return points;
  });
}

test('after any history, memory is what the database says, and the audit finds nothing', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const house = await openShop();
      for (const step of steps) await step(house);
      const restarted = await house.restart();
      assert.deepEqual(picture(restarted), picture(house));
      assert.deepEqual(pointsOf(restarted), pointsOf(house));
      const client = await house.context.pool.connect();
      const findings = await auditGiving(client, 1);
      client.release();
      assert.ok(findings.every(({ ok }) => ok));
      assert.ok((await house.entries(1)).length > 0);
      assert.deepEqual(house.bugs, []);
      await Promise.all(restarted.context.books.map(({ writer }) => writer.stop()));
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

test('what has passed is not changed by what is said later, imported history aside', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const house = await openShop();
      const pastOf = (upTo: number) => {
        const lines: string[] = [];
        for (const item of itemIds)
          for (let at = start - day; at < upTo; at += day / 2) {
            const found = house.catalogue.termsInForce('shop-1', 'm-1', item, at);
            lines.push(`${item} ${at} ${'reason' in found ? 'none' : found.index}`);
          }
        return lines;
      };
      const imports = () =>
        pledgeIds.some((id) => house.catalogue.pledge('shop-1', id)?.versions.some(({ imported }) => imported));
      for (const step of steps) {
        const [now, before] = [
          Math.floor(house.clock.ms / 1000) * 1000,
          pastOf(Math.floor(house.clock.ms / 1000) * 1000),
        ];
        await step(house);
        // Imported history may add to what has passed, and rewrite only itself.
        const live = (line: string) => liveTerms.has(line.split(' ')[2] ?? '');
        const liveTerms = new Set(
          pledgeIds.flatMap((id) => {
            const versions = house.catalogue.pledge('shop-1', id)?.versions ?? [];
            return versions.some(({ imported }) => !imported) ? versions.map(({ index }) => String(index)) : [];
          }),
        );
        const was = imports() ? before.filter(live) : before;
        const after = new Set(pastOf(now));
        assert.deepEqual(
          was.filter((line) => !after.has(line)),
          [],
        );
      }
      await Promise.all(house.context.books.map(({ writer }) => writer.stop()));
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

test('a process that writes no book knows its sources', async () => {
  const house = await openShop();
  const catalogue = new Catalogue();
  await knowSources(house.context.pool, catalogue);
  assert.equal(catalogue.source('shop-1')?.bookId, 1);
  assert.equal(catalogue.source('shop-1')?.dayOf(Date.parse('2026-06-01T16:00:00Z')), '2026-06-02');
});

test('one book’s catalogue brings the sources of the others, and leaves theirs alone', () => {
  const [catalogue, fresh] = [new Catalogue(), new Catalogue()];
  const facts = { zone: 'UTC', currencies: ['CNY'] };
  catalogue.putSource({ source: 'live', bookId: 1, ...facts });
  const pledge = { source: 'live', pledge: 'p', publicId: '', merchant: 'm', running: { gross: 0 }, versions: [] };
  catalogue.putPledge(pledge);
  for (const [source, bookId] of [
    ['live', 1],
    ['other', 1],
    ['trial', 2],
  ] as const)
    fresh.putSource({ source, bookId, ...facts });
  catalogue.adopt(2, fresh);
  assert.equal(catalogue.pledge('live', 'p'), pledge);
  assert.deepEqual(
    ['live', 'other', 'trial', 'none'].map((id) => catalogue.source(id)?.bookId),
    [1, 1, 2, undefined],
  );
});

test('rows that no one should send are refused and nothing else happens', async () => {
  const house = await openShop();
  const size = (await house.entries(1)).length;
  const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
  const rows = [
    JSON.parse('{"__proto__":{"pledge":"x"}}'),
    JSON.parse('{"merchant":"m-1","constructor":{"prototype":{}}}'),
    { merchant: { toString: 'x' } },
    { merchant: 'm-\ud800' },
    { merchant: '' },
    { merchant: 'm'.repeat(129) },
    { merchant: 'm-1', name: {} },
    { merchant: 'm-1', agreement: { reference: 'A', signedOn: '2026-02-29' } },
    { merchant: 'm-1', public: 'yes' },
    deep,
    null,
    1e308,
    'm-1',
  ];
  const { results } = await putMerchants(house.main, 'shop-1', rows, 'zh');
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    rows.map(() => 'refused'),
  );
  assert.equal((await house.entries(1)).length, size);
  assert.deepEqual(house.bugs, []);
});
