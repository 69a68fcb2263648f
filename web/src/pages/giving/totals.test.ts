import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, receivers, shares } from './totals.ts';

function row(recipient: string, gifts: Record<string, string>) {
  const assets = Object.fromEntries(
    Object.entries(gifts).map(([asset, count]) => [asset, { givenMinor: '1', returnedMinor: '0', gifts: count }]),
  );
  return { recipient, type: 'project' as const, name: { en: recipient }, charity: { zh: '基金会' }, assets };
}

test('receivers stand by their number of gifts over all assets, equal ones by public id', () => {
  const totals = {
    asOf: { logSize: 9 },
    recipients: [row('b', { CNY: '2' }), row('a', { CNY: '2' }), row('c', { CNY: '1', USD: '4' })],
  };
  assert.deepEqual(
    receivers(totals).map(({ id, gifts }) => [id, gifts]),
    [
      ['c', 5n],
      ['a', 2n],
      ['b', 2n],
    ],
  );
});

test('the river loses each one’s share and ends dry, also with counts beyond 2^53', () => {
  const recipients = [row('a', { CNY: '30000000000000000000' }), row('b', { CNY: '10000000000000000000' })];
  assert.deepEqual(shares(receivers({ asOf: { logSize: 9 }, recipients })), [
    { before: 1, after: 0.25 },
    { before: 0.25, after: 0 },
  ]);
  const little = receivers({
    asOf: { logSize: 9 },
    recipients: [row('a', { CNY: '42000000000' }), row('b', { CNY: '1' })],
  });
  assert.equal(shares(little)[1]?.before, 0.0001, 'one gift among billions is still drawn');
  const nothing = receivers({ asOf: { logSize: 9 }, recipients: [row('a', {})] });
  assert.deepEqual(shares(nothing), [{ before: 0, after: 0 }]);
});

test('a name without the reader’s language is shown in the one it has, and says which', () => {
  assert.deepEqual(inWords({ en: 'Tea', zh: '茶' }, 'zh'), { text: '茶' });
  assert.deepEqual(inWords({ zh: '茶' }, 'en'), { text: '茶', lang: 'zh-CN' });
});
