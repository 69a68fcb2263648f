import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amount, tableOf } from './report.ts';
import { Tally } from './tally.ts';
import { wordsFor } from './words.ts';

test('amounts are printed with their scale and no rounding', () => {
  assert.deepEqual(
    [amount(5n, 2), amount(123456789n, 2), amount(7n, 0), amount(0n, 3)],
    ['0.05', '1,234,567.89', '7', '0.000'],
  );
});

test('every line read is in the table once, with its reason', () => {
  const tally = new Tally();
  tally.take({ outcome: 'created', gift: 'main-1', index: 1, currency: 'USD', givenMinor: '2', parts: [], code: '' });
  tally.take({ outcome: 'duplicate', gift: 'main-1', index: 1, currency: 'USD', givenMinor: '2', parts: [], code: '' });
  tally.take({ outcome: 'created', gift: 'main-1', index: 2, returnedMinor: '1', keptMinor: '1' });
  tally.take({ outcome: 'created', waiting: true });
  tally.take({ outcome: 'ignored', reason: 'no_pledge' });
  tally.take({ outcome: 'refused', error: { code: 'too_small', field: 'quantity', message: '' } });
  tally.refuse({ code: 'empty', field: 'merchant' });
  assert.equal(tally.read, 7);
  const { created, duplicate, ignored, refused } = tally.lines;
  assert.equal(created + duplicate + ignored + refused, tally.read);
  for (const language of ['en_GB.UTF-8', 'zh_CN.UTF-8']) {
    const table = tableOf(tally, 1.25, wordsFor({ LANG: language }), new Map([['USD', 2]]));
    for (const part of ['0.02', 'no_pledge', 'too_small (quantity)', 'empty (merchant) *', '1.3'])
      assert.ok(table.includes(part), part);
  }
});
