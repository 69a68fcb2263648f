import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minorUnits } from './decimal.ts';

const rows: [string, number, bigint | string][] = [
  ['1.5', 2, 150n],
  ['0.29', 2, 29n],
  ['1', 2, 100n],
  ['.5', 2, 50n],
  ['5.', 2, 500n],
  ['1.1e2', 2, 11_000n],
  ['15e-1', 2, 150n],
  ['1.500', 2, 150n],
  ['-0.01', 2, -1n],
  ['+7', 0, 7n],
  [' 3.10 ', 2, 310n],
  ['0.00e-300', 2, 0n],
  ['9007199254740993.01', 2, 900_719_925_474_099_301n],
  ['4.440892e-16', 2, 'not_whole'],
  ['0.001', 2, 'not_whole'],
  ['1.5', 0, 'not_whole'],
  ['', 2, 'not_a_number'],
  ['.', 2, 'not_a_number'],
  ['1,50', 2, 'not_a_number'],
  ['0x10', 2, 'not_a_number'],
  ['NaN', 2, 'not_a_number'],
  ['1e9999', 2, 'not_a_number'],
];
for (const [text, scale, units] of rows) {
  test(`'${text}' at scale ${scale} is ${units}`, () => assert.equal(minorUnits(text, scale), units));
}

test('every amount that is printed with its scale is read back exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 9 }), (units, scale) => {
      const digits = units.toString().padStart(scale + 1, '0');
      const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      assert.equal(minorUnits(text, scale), units);
    }),
  );
});
