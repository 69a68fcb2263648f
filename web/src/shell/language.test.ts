import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inLanguage, negotiate } from './language.ts';

test('the best wanted of the two languages is chosen', () => {
  for (const [header, expected] of [
    [null, 'en'],
    ['', 'en'],
    ['zh', 'zh'],
    ['zh-Hant-TW', 'zh'],
    ['en-US,en;q=0.9,zh;q=0.8', 'en'],
    ['zh;q=0.5, en;q=0.4', 'zh'],
    ['fr, zh;q=0.1', 'zh'],
    ['zh;q=0', 'en'],
    ['zh;q=nonsense', 'en'],
    [`${'x,'.repeat(10_000)}zh`, 'en'],
  ] as const) {
    assert.equal(negotiate(header), expected, `${header?.slice(0, 40)}`);
  }
});

test('a page has the same address in the other language', () => {
  assert.equal(inLanguage('/en', 'zh'), '/zh');
  assert.equal(inLanguage('/zh/gift', 'en'), '/en/gift');
  assert.equal(inLanguage('/english', 'zh'), '/english');
});
