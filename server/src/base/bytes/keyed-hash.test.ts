import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedHash, newKey } from './keyed-hash.ts';

test('the keyed hash is HMAC-SHA256 of the key as text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (message) => {
      const key = newKey();
      const expected = createHmac('sha256', key).update(message).digest().toString('latin1');
      const keyed = new KeyedHash(key);
      assert.equal(keyed.digest(message), expected);
      assert.equal(new KeyedHash(newKey()).turnTo(key).digest(message), expected);
      keyed.begin().text(message);
      assert.equal(keyed.end(), expected);
      assert.equal(keyed.digest128(message), expected.slice(0, 16));
      assert.equal(keyed.digest64(message), expected.slice(0, 8));
    }),
  );
});
