import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, money, moneyParts, scaleOf } from './money.ts';

test('minor units become decimals without passing through floating point', () => {
  for (const [minor, scale, expected] of [
    [2n, 2, '0.02'],
    [0n, 2, '0.00'],
    [1990n, 2, '19.90'],
    [-5n, 2, '-0.05'],
    [7n, 0, '7'],
    [12_345_678_901_234_567_890n, 2, '123456789012345678.90'],
    [5n, 9, '0.000000005'],
  ] as const) {
    assert.equal(decimal(minor, scale), expected);
  }
});

test('money is written as each language writes it, at any size', () => {
  for (const [minor, asset, english, chinese] of [
    [2n, 'CNY', 'CN¥0.02', '¥0.02'],
    [1n, 'USD', '$0.01', 'US$0.01'],
    [54_000_000_000n, 'CNY', 'CN¥540,000,000.00', '¥540,000,000.00'],
    [12_345_678_901_234_567_890n, 'USD', '$123,456,789,012,345,678.90', 'US$123,456,789,012,345,678.90'],
    [500n, 'JPY', '¥500', 'JP¥500'],
    [180n, 'MIN', '180 MIN', '180 MIN'],
    [17_900n, 'GRAM', '17,900 GRAM', '17,900 GRAM'],
  ] as const) {
    assert.equal(money(minor, asset, 'en'), english);
    assert.equal(money(minor, asset, 'zh'), chinese);
  }
});

test('the books decide on decimal places where they say so', () => {
  assert.equal(scaleOf('JPY'), 0);
  assert.equal(money(1234n, 'CNY', 'zh', 3), '¥1.234');
});

test('a currency without a sign keeps its distance', () => {
  assert.deepEqual(moneyParts(100n, 'XTS', 'en'), { currency: 'XTS\u00a0', number: '1.00' });
});
