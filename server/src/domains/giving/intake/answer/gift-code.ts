/**
 * Gift codes: 128 bits that name one gift and cannot be guessed. A code is one AES-256 block over (book, index, 64 zero bits), so it is found
 * again without an index, a repeated event gets the same code, and nothing of it is stored: encode-then-encipher, a guess passes with
 * probability 2^-64 (Bellare and Rogaway, "Encode-Then-Encipher Encryption", 2000). The key lies outside the database.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fromBase32 } from '#base/ids';

const blockBytes = 16;

export class GiftCodes {
  readonly #key: Buffer;

  /** @param key 64 hexadecimal characters */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  /** Codes of many gifts of one book, 16 bytes each; shown in base32. */
  encode(bookId: number, indices: readonly number[]): Uint8Array {
    const plain = Buffer.alloc(indices.length * blockBytes);
    indices.forEach((index, i) => {
      plain.writeUInt16BE(bookId, i * blockBytes);
      plain.writeUIntBE(index, i * blockBytes + 2, 6);
    });
    const cipher = createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(plain), cipher.final()]);
  }

  /** The gift that a code names, or null for anything else. Hyphens, spaces and case are forgiven. */
  decode(code: string): { bookId: number; index: number } | null {
    const block = fromBase32(code);
    if (block?.length !== blockBytes) return null;
    const decipher = createDecipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(block), decipher.final()]);
    if (plain.readBigUInt64BE(8) !== 0n) return null;
    return { bookId: plain.readUInt16BE(0), index: plain.readUIntBE(2, 6) };
  }
}
