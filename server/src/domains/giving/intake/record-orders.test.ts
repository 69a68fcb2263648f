import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderResult } from '@rivulet/client/contract';
import { giftAmount, keptAfterReturns, price as priceOf, returnedPrice } from '@rivulet/verifier';
import fc from 'fast-check';
import type { ClientBase } from 'pg';
import { freshDatabase } from '../../../../../test/support/postgres.ts';
import { readDay } from '../days/day-report.ts';
import { auditWell, brief, completed, returned, send } from './test/send-orders.ts';
import { type Market, openMarket, recipientId } from './test/small-market.ts';

// Holds the cluster while tests open and drop databases of their own.
await freshDatabase();

test('each line answers in its place, and what one does leaves the others alone', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { basisPoints: 100 } });
  await market.pledge({ pledge: 'p-2', item: 'fixed', rule: { fixed: 200, per: 'unit' }, cap: 900 });
  await market.pledge({
    pledge: 'p-3',
    item: 'late',
    rule: { fixed: 2, per: 'line' },
    startsMs: Date.parse('2026-11-11T00:00:00Z'),
  });
  await market.pledge({
    pledge: 'p-4',
    item: 'over',
    rule: { fixed: 2, per: 'line' },
    endsMs: Date.parse('2026-11-10T00:00:00Z'),
  });
  await market.pledge({
    pledge: 'p-5',
    item: 'ahead',
    rule: { fixed: 2, per: 'line' },
    startsMs: Date.parse('2098-01-01T00:00:00Z'),
  });
  const ahead = { item: 'ahead', placedAt: '2098-02-01T00:00:00Z', completedAt: '2098-02-02T00:00:00Z' };
  const first = completed();
  const table: [unknown, string][] = [
    [first, 'created 20'],
    [first, 'duplicate 20'],
    [{ ...first, placedAt: '2026-11-11T07:59:58+08:00' }, 'duplicate 20'],
    [{ ...first, paid: 1991 }, 'refused order_line_differs line'],
    [{ ...first, buyer: 'somebody else' }, 'duplicate 20'],
    [completed({ paid: 49 }), 'ignored rounds_to_zero'],
    [completed({ paid: 50 }), 'created 1'],
    [completed({ item: 'other' }), 'ignored no_pledge'],
    [completed({ item: 'late' }), 'ignored not_started'],
    [completed({ item: 'over' }), 'ignored ended'],
    [completed(ahead), 'ignored not_started'],
    [completed({ item: 'fixed', paid: 150, quantity: 3 }), 'created 150'],
    [completed({ item: 'fixed', quantity: 3 }), 'created 600'],
    [completed({ item: 'fixed', quantity: 3 }), 'created 150'],
    [completed({ item: 'fixed' }), 'ignored cap_reached'],
    [completed({ currency: 'USD' }), 'refused currency_not_taken currency'],
    [completed({ pledge: 'p-9' }), 'refused pledge_unknown pledge'],
    [completed({ quantity: 0 }), 'refused too_small quantity'],
    [completed({ source: 'shop-2' }), 'refused other_source source'],
    [completed({ shipping: 1991 }), 'refused shipping_and_tax_exceed_paid shipping'],
    [{ type: 'order.completed' }, 'refused missing_member source'],
    ['line', 'refused wrong_type'],
    [returned(first.order, 995), 'created -10 keeps 10'],
    [returned('never', 1), 'created waiting'],
  ];
  const results = await send(market, ...table.map(([event]) => event));
  assert.deepEqual(
    results.map(brief),
    table.map(([, expected]) => expected),
  );
  assert.deepEqual((await send(market, ...table.map(([event]) => event))).map(brief).slice(0, 2), [
    'duplicate 20',
    'duplicate 20',
  ]);
  await auditWell(market);
});

test('sent twice, in one request or many, an event makes one gift with one code', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 2, per: 'line' } });
  const events = Array.from({ length: 40 }, () => completed());
  const answers = await Promise.all([
    send(market, ...events),
    send(market, ...events),
    send(market, ...events.toReversed()),
  ]);
  const again = await send(market, ...events);
  assert.deepEqual(new Set(again.map(({ outcome }) => outcome)), new Set(['duplicate']));
  const strip = (results: OrderResult[]) => results.map(({ outcome: _, ...rest }) => rest);
  assert.deepEqual(strip(answers[0]), strip(again));
  assert.deepEqual(strip(answers[2]).toReversed(), strip(again));
  const { rows } = await market.database.pool.query(
    'select count(*)::int as gifts, sum(given)::int as given from giving.gift',
  );
  assert.deepEqual(rows, [{ gifts: 40, given: 80 }]);
  await auditWell(market);
});

/** Lines without a pledge: a request of so many is read for while the one before is written. */
function others(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, () => completed({ item: 'x' }));
}

/**
 * Sends each request while the one before is prepared, so that it is prepared while that one is written.
 * @param options.slowly it is read for only when that one is durable, and its changes are in the database already
 */
async function sendOverlapping(
  market: Market,
  requests: readonly (readonly unknown[])[],
  { slowly = false } = {},
): Promise<OrderResult[][]> {
  const { intake } = market;
  const { prepare } = intake;
  const sent: Promise<OrderResult[]>[] = [];
  const next = () => {
    const events = requests[sent.length];
    if (events !== undefined) sent.push(send(market, ...events));
  };
  intake.prepare = async function later(works, read) {
    const before = sent.at(-2);
    next();
    const query = async (...args: unknown[]) => {
      await before;
      return await (read.query as (...given: unknown[]) => Promise<unknown>).apply(read, args);
    };
    return await prepare.call(this, works, slowly ? Object.create(read, { query: { value: query } }) : read);
  };
  next();
  const answers: OrderResult[][] = [];
  for (let i = 0; i < requests.length; i++) answers.push((await sent[i]) as OrderResult[]);
  intake.prepare = prepare;
  return answers;
}

test('batches that are prepared while another is written see what it changes', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 10, per: 'line' }, weights: [2, 1], cap: 29_000 });
  const lines = Array.from({ length: 3000 }, (_, i) => completed({ buyer: `u-${i % 700}` }));
  const halves = lines.map(({ order }) => returned(order, 995));
  const rest = lines.map(({ order }) => returned(order, 995));
  const requests = [
    lines.slice(0, 1200),
    halves.slice(600, 1800),
    lines.slice(900, 2100),
    [...halves.slice(0, 900), ...rest.slice(0, 300)],
  ];
  requests.push(lines.slice(1800), rest.slice(300, 1500), halves, lines);
  const answers = await sendOverlapping(market, requests);
  assert.ok(answers.flat().every(({ outcome }) => outcome !== 'refused'));
  const { rows } = await market.database.pool.query(
    `select (select count(*)::int from giving.gift) as gifts, (select sum(given)::int from giving.gift) as given,
       (select count(*)::int from giving.return) as returns, (select sum(returned)::int from giving.return) as returned`,
  );
  assert.deepEqual(rows, [{ gifts: 2900, given: 29_000, returns: 4400, returned: 22_000 }]);
  await auditWell(market);
});

test('returns keep what is in proportion, whatever their order, and never more than was paid', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { basisPoints: 777 }, weights: [50, 30, 20] });
  await market.pledge({ pledge: 'p-2', item: 'net', rule: { basisPoints: 777 }, base: [], weights: [3, 1] });
  await market.pledge({
    pledge: 'p-3',
    item: 'gross',
    rule: { basisPoints: 777 },
    base: ['discount', 'shipping', 'tax'],
  });
  const amounts = { paid: fc.integer({ min: 1, max: 3000 }), shipping: fc.nat(300), discount: fc.nat(500) };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        item: fc.constantFrom('sku-9', 'net', 'gross'),
        ...amounts,
        shares: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
      }),
      async ({ item, paid, shipping, discount, shares }) => {
        const ship = Math.min(shipping, paid);
        const event = completed({ item, paid, shipping: ship, discount });
        const base =
          item === 'net'
            ? []
            : item === 'gross'
              ? (['discount', 'shipping', 'tax'] as const)
              : (['shipping', 'tax'] as const);
        const price = priceOf({ paid, shipping: ship, tax: 0, discount, platformDiscount: 0 }, base);
        const given = giftAmount({ basisPoints: 777 }, price, 1);
        const [made] = await send(market, event);
        if (given === 0n) return void assert.equal(brief(made), 'ignored rounds_to_zero');
        assert.equal(brief(made), `created ${given}`);
        let back = 0;
        for (const share of shares) {
          const part = Math.max(1, Math.floor((paid * share) / 1000));
          const [result] = await send(market, returned(event.order, part));
          if (back + part > paid) {
            assert.equal(brief(result), 'refused return_exceeds_paid paid');
            continue;
          }
          back += part;
          const kept = keptAfterReturns(given, price, returnedPrice(price, BigInt(paid), BigInt(back)));
          assert.ok(result?.outcome === 'created' && 'keptMinor' in result);
          assert.equal(result.keptMinor, String(kept));
        }
      },
    ),
    { numRuns: 60 },
  );
  await auditWell(market);
});

test('a return may come before its order, in an earlier request or in the same one, and takes effect once', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 100, per: 'line' } });
  const [early, same, none] = [completed(), completed(), completed({ item: 'other' })];
  const waits = [returned(early.order, 995), returned(early.order, 200), returned(none.order, 5)];
  assert.deepEqual((await send(market, ...waits)).map(brief), Array(3).fill('created waiting'));
  assert.deepEqual((await send(market, ...waits)).map(brief), Array(3).fill('duplicate waiting'));
  assert.deepEqual((await send(market, { ...waits[0], paid: 996 })).map(brief), ['refused return_differs return']);
  const sameReturn = returned(same.order, 1990);
  assert.deepEqual((await send(market, sameReturn, early, same, none)).map(brief), [
    'created waiting',
    'created 100',
    'created 100',
    'ignored no_pledge',
  ]);
  const after = await send(market, ...waits, sameReturn);
  assert.deepEqual(after.map(brief), [
    'duplicate -50 keeps 40',
    'duplicate -10 keeps 40',
    'ignored no_gift',
    'duplicate -100 keeps 0',
  ]);
  const { rows } = await market.database.pool.query('select count(*)::int as waiting from giving.waiting_return');
  assert.deepEqual(rows, [{ waiting: 0 }]);
  await auditWell(market);
});

test('a return that comes to wait while its order is read for takes effect once and is counted once', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { basisPoints: 100 } });
  const order = completed();
  const [waits, made] = await sendOverlapping(
    market,
    [
      [...others(600), returned(order.order, 995)],
      [...others(600), order],
    ],
    { slowly: true },
  );
  assert.deepEqual([brief(waits?.at(-1)), brief(made?.at(-1))], ['created waiting', 'created 20']);
  const { lines } = await readDay(market.database.pool, 1, 'shop-1', 'Asia/Shanghai', '2026-11-20');
  assert.deepEqual(
    lines.map(({ outcome, lines: count, minor }) => [outcome, count, minor]),
    [['returned', '1', '10']],
  );
  await auditWell(market);
});

test('a return that was dropped with its line waits again when it is sent again, in the same request too', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { basisPoints: 100 } });
  const order = completed();
  const back = returned(order.order, 995);
  assert.deepEqual((await send(market, back)).map(brief), ['created waiting']);
  assert.deepEqual(
    (await send(market, { ...order, item: 'x' }, { ...order, quantity: 0 }, back, back, order, back)).map(brief),
    [
      'ignored no_pledge',
      'refused too_small quantity',
      'created waiting',
      'duplicate waiting',
      'created 20',
      'duplicate -10 keeps 10',
    ],
  );
  assert.deepEqual((await send(market, back)).map(brief), ['duplicate -10 keeps 10']);
  await auditWell(market);
});

test('a hundred thousand gifts of 2 fen over 50/30/20 land within one fen of it', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 2, per: 'line' }, weights: [50, 30, 20] });
  const rounds = Number(process.env.RIVULET_LONG ? 10 : 2);
  for (let round = 0; round < rounds; round++)
    await send(market, ...Array.from({ length: 10_000 }, () => completed({ buyer: undefined })));
  const { rows } = await market.database.pool.query(
    `select recipient, given::int from (select distinct on (recipient) * from giving.recipient_total order by recipient, size desc) t`,
  );
  const fen = rounds * 20_000;
  const expected = [50, 30, 20].map((weight) => (fen * weight) / 100);
  for (const [i, row] of rows.entries()) {
    assert.equal(row.recipient, recipientId(i + 1));
    assert.ok(Math.abs(row.given - (expected[i] ?? 0)) <= 1, `${row.recipient} got ${row.given}`);
  }
  await auditWell(market);
});

test('a day counts each line once, by what last became of it', async () => {
  const market = await openMarket();
  const line = completed({ completedAt: '2026-11-18T15:59:59Z' });
  const next = completed({ item: 'x', completedAt: '2026-11-18T16:00:00Z' });
  const wrong = completed({ quantity: 0 });
  await send(market, line, next, wrong, wrong);
  await send(market, line, wrong);
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 2, per: 'line' } });
  await send(
    market,
    line,
    line,
    { ...wrong, quantity: 1 },
    returned(line.order, 995, { returnedAt: '2026-11-18T00:00:00Z' }),
  );
  const read = (date: string) => readDay(market.database.pool, 1, 'shop-1', 'Asia/Shanghai', date);
  const day = await read('2026-11-18');
  assert.deepEqual(
    day.lines.map(({ outcome, reason, lines, minor }) => [outcome, reason, lines, minor]),
    [
      ['created', '', '2', '4'],
      ['duplicate', '', '1', '0'],
      ['returned', '', '1', '1'],
    ],
  );
  assert.match(day.digest, /^[0-9a-f]{64}$/);
  assert.notEqual(BigInt(`0x${day.digest}`), 0n);
  const after = await read('2026-11-19');
  assert.deepEqual(
    after.lines.map(({ outcome, reason, lines }) => [outcome, reason, lines]),
    [['ignored', 'no_pledge', '1']],
  );
  await auditWell(market);
});

test('when the unique key speaks, the batch is read and built again and nothing is lost', async () => {
  const market = await openMarket();
  await market.pledge({ pledge: 'p-1', item: 'sku-9', rule: { fixed: 2, per: 'line' } });
  const event = completed();
  await send(market, event);
  const readGifts = market.intake.prepare;
  let blind = 1;
  market.intake.prepare = async function once(works, read) {
    if (blind-- <= 0) return readGifts.call(this, works, read);
    // Read before the gift was there, as if another process had made it since.
    const hidden = Object.create(read, { query: { value: hideGifts(read) } });
    return readGifts.call(this, works, hidden);
  };
  assert.deepEqual((await send(market, event, completed())).map(brief), ['duplicate 2', 'created 2']);
  await auditWell(market);
});

/** A connection that finds no gift. */
function hideGifts(read: ClientBase): (query: { name?: string }) => Promise<unknown> {
  return async (query) => (query.name === 'giving.read-gifts' ? { rows: [] } : await read.query(query as never));
}
