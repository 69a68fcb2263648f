import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawFrom, marketOf, sharesOf } from './market.ts';
import { seeded, zipf } from './skew.ts';

test('the first is drawn as often as Zipf says, and nothing beyond the count', () => {
  const draw = zipf(1_000, 1, seeded(3));
  const drawn = Array.from({ length: 50_000 }, () => draw(10));
  assert.ok(drawn.every((k) => k >= 0 && k < 10));
  const harmonic = Array.from({ length: 10 }, (_, k) => 1 / (k + 1)).reduce((sum, share) => sum + share);
  const first = drawn.filter((k) => k === 0).length / drawn.length;
  assert.ok(Math.abs(first - 1 / harmonic) < 0.01, `${first}`);
});

test('shares of a market sum to its items, everybody has some, the first have most', () => {
  const shares = sharesOf(2_280_000, 250_000);
  assert.equal(
    shares.reduce((sum, share) => sum + share, 0),
    2_280_000,
  );
  assert.ok(shares.every((share) => share > 0));
  assert.ok((shares[0] as number) > 2_000);
});

test('a line names an item that its merchant has', () => {
  const market = marketOf('full');
  const draw = drawFrom(market, seeded(5));
  for (let i = 0; i < 1_000; i += 1) {
    const merchant = draw.merchant();
    assert.ok(draw.item(merchant) < market.itemsOf(merchant));
  }
});
