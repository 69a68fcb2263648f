import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { OrderEvent } from '../contract/index.ts';
import { MappingFault, readMapping } from './mapping.ts';
import { ordersBy } from './order-of-row.ts';
import { kindOf } from './spread.ts';

const shipped = await readFile(join(import.meta.dirname, 'mappings/complete-journey.json'), 'utf8');
const mapping = readMapping(shipped);
const header =
  'basket_id,household_id,store_id,product_id,manufacturer_id,department,product_category,quantity,sales_value,retail_disc,coupon_disc,transaction_timestamp';
const columns = header.split(',');
const orderOf = ordersBy(mapping, columns);
const row = (changes: Record<string, string> = {}) => {
  const usual = '31198705046,906,319,1075313,2326,GROCERY,FISH,1,1.5,0.29,0.1,2017-01-01 07:30:27'.split(',');
  return columns.map((name, i) => changes[name] ?? (usual[i] as string));
};

test('a row becomes the event that the contract takes', () => {
  const event = orderOf(row());
  assert.deepEqual(event, {
    type: 'order.completed',
    source: 'complete-journey',
    order: '31198705046',
    line: '1075313',
    merchant: '2326',
    item: '1075313',
    buyer: '906',
    quantity: 1,
    paid: 150,
    discount: 39,
    currency: 'USD',
    placedAt: '2017-01-01T07:30:27-05:00',
    completedAt: '2017-01-01T07:30:27-05:00',
  });
  assert.equal(OrderEvent.safeParse(event).success, true);
});

const refused: [string, Record<string, string>, string, string | undefined][] = [
  ['a part of a cent', { sales_value: '4.440892e-16' }, 'not_whole_minor_units', 'paid'],
  ['a part of a cent in a sum', { coupon_disc: '0.001' }, 'not_whole_minor_units', 'discount'],
  ['half a unit', { quantity: '0.5' }, 'not_a_whole_number', 'quantity'],
  ['words for a price', { sales_value: 'free' }, 'not_a_number', 'paid'],
  ['no maker', { manufacturer_id: '' }, 'empty', 'merchant'],
  ['no time', { transaction_timestamp: '' }, 'not_a_time', 'placedAt'],
  ['an hour that was skipped', { transaction_timestamp: '2017-03-12 02:30:00' }, 'no_such_local_time', 'placedAt'],
];
for (const [what, changes, code, field] of refused) {
  test(`${what} is refused: ${code}`, () => assert.deepEqual(orderOf(row(changes)), { code, field }));
}

test('quantity 0, value 0 and an unknown buyer are sent: the server decides', () => {
  const event = orderOf(row({ quantity: '0', sales_value: '0', household_id: '' }));
  assert.deepEqual(['code' in event, 'buyer' in event, 'quantity' in event && event.quantity], [false, false, 0]);
});

test('a short row is refused, a mapping that names no column of the file cannot be used', () => {
  assert.deepEqual(orderOf(row().slice(1)), { code: 'columns' });
  assert.throws(() => ordersBy(mapping, ['basket_id']), MappingFault);
});

test('a mapping with a member that nobody knows is refused by name', () => {
  assert.throws(() => readMapping(shipped.replace('"scale"', '"scales"')), /scale/);
  assert.throws(() => readMapping('{'), MappingFault);
});

test('kinds of pledge are spread by their shares, the same at every run', () => {
  const { spread } = mapping.pledges;
  const counts = new Map<unknown, number>();
  for (let i = 0; i < 10_000; i += 1) {
    const kind = kindOf(`maker-${i}`, spread);
    assert.equal(kindOf(`maker-${i}`, spread), kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const kind of spread) assert.ok(Math.abs((counts.get(kind) ?? 0) - kind.share * 100) < 150);
  assert.equal(spread.indexOf(kindOf('2326', spread)), 2, 'place 43 of 100, worked out by hand');
});
