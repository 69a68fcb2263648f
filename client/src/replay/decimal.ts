/** Decimals as their digits say, never through floating point. */

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** `not_a_number`; `not_whole`: parts of the smallest unit, which are refused and never rounded away. */
export type DecimalFault = 'not_a_number' | 'not_whole';

/** `12.30` with scale 2 is 1230n; `4.440892e-16` is not whole. @param scale digits after the point that one unit has, 0 to 9 */
export function minorUnits(text: string, scale: number): bigint | DecimalFault {
  const [, sign, whole = '', part = '', exponent = '0'] = pattern.exec(text.trim()) ?? [];
  if (sign === undefined || whole + part === '') return 'not_a_number';
  const digits = `${whole}${part}`;
  const shift = scale + Number(exponent) - part.length;
  const kept = shift < 0 ? digits.slice(0, Math.max(0, digits.length + shift)) : digits + '0'.repeat(shift);
  const dropped = shift < 0 ? digits.slice(Math.max(0, digits.length + shift)) : '';
  if (/[1-9]/.test(dropped)) return 'not_whole';
  const units = BigInt(kept === '' ? '0' : kept);
  return sign === '-' ? -units : units;
}
