/** A tally's digest: the sum modulo 2^256 of leaf hashes, so that entries can be added in any order. */
import { toBase64Url } from '../bytes.ts';

export class DigestSum {
  /** Eight words of 32 bits, least significant first. */
  readonly #words = new Uint32Array(8);

  /** @param hashes where the leaf hash lies, 32 bytes from `at` */
  add(hashes: Uint8Array, at = 0): void {
    const words = this.#words;
    let carry = 0;
    for (let i = 0; i < 8; i++) {
      const b = at + 28 - 4 * i;
      const word =
        (hashes[b] as number) * 0x1000000 +
        (((hashes[b + 1] as number) << 16) | ((hashes[b + 2] as number) << 8) | (hashes[b + 3] as number));
      const sum = (words[i] as number) + word + carry;
      words[i] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
  }

  /** 32 bytes, big-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of this.#words.entries()) view.setUint32(28 - 4 * i, word);
    return bytes;
  }

  /** As a tally writes it. */
  text(): string {
    return toBase64Url(this.bytes());
  }
}
