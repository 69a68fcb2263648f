/** Eight bytes as a binary string, highest first, and the bigint that PostgreSQL holds them as. */

/** Decimal digits of the signed integer. */
export function int64Text(bytes: string): string {
  return String(Buffer.from(bytes, 'latin1').readBigInt64BE(0));
}

/** @param value a signed integer, as a decimal text or bigint */
export function int64Bytes(value: string | bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes.toString('latin1');
}
