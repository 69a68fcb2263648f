import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { problemOf } from '../problem.ts';
import { OrderEvent, type OrderEventInput } from './order-event.ts';
import { readOrderEvent } from './read-order-event.ts';

const completed: OrderEventInput = {
  type: 'order.completed',
  source: 'shop-1',
  order: 'A1001',
  line: '1',
  merchant: 'm-7',
  item: 'sku-9',
  buyer: 'u-33',
  quantity: 1,
  paid: 1990,
  shipping: 0,
  tax: 0,
  discount: 0,
  platformDiscount: 0,
  currency: 'CNY',
  placedAt: '2026-11-10T23:59:58Z',
  completedAt: '2026-11-18T08:00:01.234Z',
};
const returned: OrderEventInput = {
  type: 'order.returned',
  source: 'shop-1',
  return: 'R55',
  order: 'A1001',
  line: '1',
  merchant: 'm-7',
  paid: 995,
  returnedAt: '2026-11-20T08:00:00Z',
};

function schemaSays(value: unknown): unknown {
  const result = OrderEvent.safeParse(value);
  return result.success ? result.data : problemOf(result.error, value);
}

test('the two events of the documentation are read as they are', () => {
  assert.deepEqual(readOrderEvent(completed), completed);
  assert.deepEqual(readOrderEvent(returned), returned);
});

test('amounts that were left out are zero', () => {
  const { shipping, tax, discount, platformDiscount, buyer, ...least } = completed as Record<string, unknown>;
  assert.deepEqual(readOrderEvent(least), { ...least, shipping: 0, tax: 0, discount: 0, platformDiscount: 0 });
});

const member = (name: string, value: unknown) => ({ ...completed, [name]: value });
const bad: [string, unknown, string, string | undefined][] = [
  ['a text', 'order', 'wrong_type', undefined],
  ['nothing', null, 'wrong_type', undefined],
  ['a list', [], 'wrong_type', undefined],
  ['no type', {}, 'missing_member', 'type'],
  ['another type', { type: 'order.paid' }, 'unknown_value', 'type'],
  ['a missing order', member('order', undefined), 'missing_member', 'order'],
  ['an order that is a number', member('order', 7), 'wrong_type', 'order'],
  ['an empty id', member('item', ''), 'bad_format', 'item'],
  ['a long id', member('item', 'x'.repeat(129)), 'bad_format', 'item'],
  ['a NUL in an id', member('line', 'a\u0000b'), 'bad_format', 'line'],
  ['half a surrogate pair', member('line', 'a\ud83d'), 'bad_format', 'line'],
  ['a mark that turns the direction of text', member('line', 'a\u202eb'), 'bad_format', 'line'],
  ['a source with a space', member('source', 'shop 1'), 'bad_format', 'source'],
  ['quantity zero', member('quantity', 0), 'too_small', 'quantity'],
  ['half a unit', member('quantity', 0.5), 'wrong_type', 'quantity'],
  ['a price as text', member('paid', '1990'), 'wrong_type', 'paid'],
  ['a price below zero', member('paid', -1), 'too_small', 'paid'],
  ['a price beyond every price', member('paid', 1e300), 'too_large', 'paid'],
  ['an endless price', member('paid', JSON.parse('1e999')), 'wrong_type', 'paid'],
  ['a time without a zone', member('placedAt', '2026-11-10T23:59:58'), 'bad_format', 'placedAt'],
  ['a day that is not', member('placedAt', '2026-02-29T00:00:00Z'), 'bad_format', 'placedAt'],
  ['a leap second', member('placedAt', '2026-06-30T23:59:60Z'), 'bad_format', 'placedAt'],
  ['an unknown member', member('colour', 'red'), 'unknown_member', 'colour'],
  ['a return of nothing', { ...returned, paid: 0 }, 'too_small', 'paid'],
  ['a return with an item', { ...returned, item: 'sku-9' }, 'unknown_member', 'item'],
  [
    'a prototype',
    JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(completed).slice(1)}`),
    'unknown_member',
    '__proto__',
  ],
  ['depth', member('buyer', JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`)), 'wrong_type', 'buyer'],
];
for (const [what, value, code, field] of bad) {
  test(`${what} is refused: ${code}${field === undefined ? '' : ` at ${field}`}`, () => {
    const problem = readOrderEvent(value) as { code: string; field?: string };
    assert.deepEqual([problem.code, problem.field], [code, field]);
    assert.deepEqual(problem, schemaSays(value));
  });
}

test('ids may hold any script and whole surrogate pairs, counted as characters', () => {
  for (const id of ['订单-1', 'café №5', '😀'.repeat(128)])
    assert.deepEqual(readOrderEvent(member('order', id)), member('order', id));
  assert.equal('code' in readOrderEvent(member('order', '😀'.repeat(129))), true);
});

const anything = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'A1',
    'a\u0000',
    '\ud800',
    '\udc00x',
    '😀',
    ' ',
    'x'.repeat(128),
    'x'.repeat(129),
    '\u2028',
    '\ufeff',
  ),
  fc.constantFrom<unknown>(
    0,
    -0,
    1,
    -1,
    0.5,
    1e6,
    1e6 + 1,
    1e11,
    1e11 + 1,
    2 ** 53,
    2 ** 53 - 1,
    1e308,
    Number.NaN,
    1 / 0,
  ),
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    [],
    {},
    [[[]]],
    { __proto__: null },
    'CNY',
    'cny',
    'shop-1',
    '10',
    10n,
  ),
  fc.constantFrom<unknown>(
    '2026-02-29T00:00:00Z',
    '2028-02-29T00:00:00Z',
    '2026-04-31T00:00:00+08:00',
    '2026-11-10T23:59:58z',
  ),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc
    .date({ min: new Date('1990-01-01'), max: new Date('2110-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.double(),
  fc.jsonValue({ maxDepth: 6 }),
);
const names = [
  ...Object.keys(completed),
  'return',
  'returnedAt',
  'pledge',
  '__proto__',
  'constructor',
  'toString',
  'x',
];

test('reader and schema always agree, in verdict, value and reason', () => {
  const change = fc.record({ name: fc.constantFrom(...names), value: anything, drop: fc.boolean() });
  const changed = fc
    .tuple(fc.constantFrom(completed, returned), fc.array(change, { maxLength: 3 }))
    .map(([event, changes]) => {
      const value: Record<string, unknown> = { ...event };
      for (const { name, value: to, drop } of changes) {
        if (drop) delete value[name];
        else Object.defineProperty(value, name, { value: to, enumerable: true, configurable: true, writable: true });
      }
      return value as unknown;
    });
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: anything }), (value) => {
      assert.deepEqual(readOrderEvent(value), schemaSays(value));
    }),
    { numRuns: 20_000 },
  );
});

test('every time that is accepted is an instant, and the same one for Date', () => {
  const text = fc.stringMatching(/^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-][0-2]\d:[0-5]\d)$/);
  fc.assert(
    fc.property(text, (placedAt) => {
      const accepted = !('code' in readOrderEvent(member('placedAt', placedAt)));
      const day = new Date(`${placedAt.slice(0, 10)}T00:00:00Z`);
      const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(placedAt.slice(0, 10));
      const hours = Number(placedAt.slice(11, 13)) < 24 && !/[+-]2[4-9]:/.test(placedAt);
      assert.equal(accepted, exists && hours);
      if (accepted) assert.equal(Number.isNaN(Date.parse(placedAt)), false);
    }),
    { numRuns: 5_000 },
  );
});
