/** Public ids: random, saying nothing. */
import { randomBytes } from 'node:crypto';
import { ByteText } from './bytes/byte-text.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 16 characters of Crockford base32, 80 random bits. @param random injected so that tests and the simulator repeat */
export function newPublicId(random: (size: number) => Uint8Array = randomBytes): string {
  return base32(random(10));
}

/** Crockford base32, lower case, most significant bit first, zero bits at the end. */
export function base32(bytes: Uint8Array): string {
  const text = new ByteText(2 * bytes.length + 1);
  writeBase32(bytes, 0, bytes.length, text);
  return text.view().toString('latin1');
}

/** Adds the base32 of `bytes[start]` … `bytes[end - 1]`. */
export function writeBase32(bytes: Uint8Array, start: number, end: number, into: ByteText): void {
  let bits = 0;
  let held = 0;
  for (let at = start; at < end; at++) {
    held = ((held << 8) | (bytes[at] as number)) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) into.byte(alphabet.charCodeAt((held >> (bits - 5)) & 31));
  }
  if (bits > 0) into.byte(alphabet.charCodeAt((held << (5 - bits)) & 31));
}

/** The bytes of a base32 text of ours; reads O as 0, I and L as 1, any case, hyphens and spaces skipped. Null when it is not one. */
export function fromBase32(text: string): Uint8Array | null {
  const clean = text.toLowerCase().replace(/[-\s]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of clean) {
    const value = alphabet.indexOf(character);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return (held & ((1 << bits) - 1)) === 0 && bits < 5 ? Uint8Array.from(bytes) : null;
}
