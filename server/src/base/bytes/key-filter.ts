/**
 * A filter of keys, so that the database is asked only about keys that may be there: a blocked Bloom filter (Putze, Sanders, Singler, 2007) of 64
 * bytes a block. A key is 16 bytes that are random already, so its own bits say where it lies. It never denies a key that was added; of the
 * others it lets about one in two hundred pass, at 16 bits a key.
 */

const wordsPerBlock = 16;
const bitsSet = 6;
const bitsPerKey = 16;

export class KeyFilter {
  #words: Uint32Array;
  #blocks: number;
  /** Filters that are full; each is as large as all before it together. */
  readonly #full: KeyFilter[] = [];
  #left: number;

  /** @param capacity keys expected; more than that makes it grow */
  constructor(capacity = 1 << 20) {
    this.#blocks = Math.max(1, Math.ceil((capacity * bitsPerKey) / (wordsPerBlock * 32)));
    this.#words = new Uint32Array(this.#blocks * wordsPerBlock);
    this.#left = capacity;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#full.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @param key 16 bytes as a binary string */
  add(key: string): void {
    this.#add(word(key, 0), word(key, 4), word(key, 8));
  }

  /** Adds the key of 16 bytes that begins there. */
  addBytes(bytes: Uint8Array, at: number): void {
    this.#add(wordAt(bytes, at), wordAt(bytes, at + 4), wordAt(bytes, at + 8));
  }

  /** Whether the key may have been added. */
  has(key: string): boolean {
    const [a, b, c] = [word(key, 0), word(key, 4), word(key, 8)];
    if (this.#has(a, b, c)) return true;
    for (const full of this.#full) if (full.#has(a, b, c)) return true;
    return false;
  }

  #add(a: number, b: number, c: number): void {
    if (this.#left === 0) this.#grow();
    this.#left--;
    const block = (a % this.#blocks) * wordsPerBlock;
    for (let i = 0; i < bitsSet; i++) {
      const bit = bitOf(i, b, c);
      const at = block + (bit >>> 5);
      this.#words[at] = (this.#words[at] as number) | (1 << (bit & 31));
    }
  }

  #has(a: number, b: number, c: number): boolean {
    const block = (a % this.#blocks) * wordsPerBlock;
    for (let i = 0; i < bitsSet; i++) {
      const bit = bitOf(i, b, c);
      if (((this.#words[block + (bit >>> 5)] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #grow(): void {
    const full = new KeyFilter(1);
    full.#words = this.#words;
    full.#blocks = this.#blocks;
    this.#full.push(full);
    const capacity = ((this.#blocks * wordsPerBlock * 32) / bitsPerKey) * 2;
    this.#blocks *= 2;
    this.#words = new Uint32Array(this.#blocks * wordsPerBlock);
    this.#left = capacity;
  }
}

/** Nine bits for each of six places: three from each word, 27 of its 32 bits. */
function bitOf(i: number, b: number, c: number): number {
  return ((i < 3 ? b : c) >>> ((i % 3) * 9)) & 511;
}

function word(key: string, at: number): number {
  return (
    ((key.charCodeAt(at) << 24) |
      (key.charCodeAt(at + 1) << 16) |
      (key.charCodeAt(at + 2) << 8) |
      key.charCodeAt(at + 3)) >>>
    0
  );
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
