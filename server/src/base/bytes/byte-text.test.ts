import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteText } from './byte-text.ts';

test('what is written is what strings would have been', () => {
  const piece = fc.oneof(
    fc.record({ ascii: fc.string({ maxLength: 120 }) }),
    fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 30 }) }),
    fc.record({ digits: fc.oneof(fc.maxSafeNat(), fc.nat(1200)) }),
    fc.record({ copied: fc.string({ maxLength: 200 }) }),
    fc.record({ byte: fc.integer({ min: 0, max: 127 }) }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const built = new ByteText(4);
      let expected = '';
      for (const one of pieces) {
        if ('ascii' in one) built.ascii(one.ascii);
        else if ('text' in one) built.text(one.text);
        else if ('digits' in one) built.digits(one.digits);
        else if ('byte' in one) built.byte(one.byte);
        else built.copy(Buffer.from(`<${one.copied}>`), 1, 1 + one.copied.length);
        expected +=
          'byte' in one
            ? String.fromCharCode(one.byte)
            : 'digits' in one
              ? String(one.digits)
              : 'ascii' in one
                ? one.ascii
                : 'text' in one
                  ? one.text
                  : one.copied;
      }
      assert.equal(built.view().toString(), expected);
    }),
  );
});

test('powers of ten are whole, and clearing keeps what was asked for', () => {
  const built = new ByteText();
  for (let power = 1; power < Number.MAX_SAFE_INTEGER; power *= 10)
    for (const value of [power - 1, power, power + 1]) {
      built.clear().digits(value);
      assert.equal(built.view().toString(), String(value));
    }
  built.clear().ascii('abc').clear(2).ascii('x');
  assert.equal(built.view(1).toString(), 'bx');
});
