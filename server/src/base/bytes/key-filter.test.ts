import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { KeyFilter } from './key-filter.ts';

test('a key that was added is never denied, and few others pass, also after it has grown', () => {
  const filter = new KeyFilter(1_000);
  const keys = Array.from({ length: 20_000 }, () => randomBytes(16));
  keys.forEach((key, i) => {
    if (i % 2 === 0) filter.add(key.toString('latin1'));
    else filter.addBytes(Buffer.concat([Buffer.of(9), key]), 1);
  });
  assert.ok(keys.every((key) => filter.has(key.toString('latin1'))));
  const others = Array.from({ length: 20_000 }, () => randomBytes(16).toString('latin1'));
  const passed = others.filter((key) => filter.has(key)).length;
  assert.ok(passed < 20_000 * 0.05, `${passed} of 20,000 strangers pass`);
  assert.ok(filter.bytes < 20_000 * 8, `${filter.bytes} bytes`);
});

test('an empty filter lets nothing pass', () => {
  assert.equal(new KeyFilter().has('0123456789abcdef'), false);
});
