/**
 * HMAC-SHA256 (RFC 2104) for short texts on the hot path. `createHmac` costs some 11 µs a call; two one-shot hashes with a key of exactly one
 * block, 64 hexadecimal characters, cost under 1 µs and are the same function.
 */
import { randomBytes } from 'node:crypto';
import { assert } from './assert.ts';
import { sha256 } from './sha256.ts';

const blockBytes = 64;

const keyBytes = 32;
let random = Buffer.alloc(0);

/** A random HMAC key: 64 hexadecimal characters, 256 bits. Randomness is drawn for many keys at once: a draw costs as much as two hashes. */
export function newKey(): string {
  if (random.length < keyBytes) random = randomBytes(256 * keyBytes);
  const key = random.toString('hex', 0, keyBytes);
  random = random.subarray(keyBytes);
  return key;
}

const innerPad = Buffer.alloc(blockBytes);
const outerPad = Buffer.alloc(blockBytes + 32);

/** HMAC-SHA256 under a key that is used once or twice: 32 bytes as a binary string. @param key 64 lower-case hexadecimal characters */
export function keyedDigest(key: string, message: string): string {
  assert(
    key.length === blockBytes && innerPad.write(key, 'latin1') === blockBytes,
    'an HMAC key is 64 hexadecimal characters',
  );
  for (let i = 0; i < blockBytes; i++) {
    const byte = innerPad[i] as number;
    innerPad[i] = byte ^ 0x36;
    outerPad[i] = byte ^ 0x5c;
  }
  outerPad.write(sha256(innerPad.toString('latin1') + message), blockBytes, 'latin1');
  return sha256(outerPad);
}

/** HMAC-SHA256(key as ASCII text, message as UTF-8). Digests are binary strings: one character a byte. */
export class KeyedHash {
  readonly #inner: string;
  readonly #outer = Buffer.alloc(blockBytes + 32);

  /** @param key 64 lower-case hexadecimal characters */
  constructor(key: string) {
    assert(/^[0-9a-f]{64}$/.test(key), 'an HMAC key is 64 hexadecimal characters');
    const bytes = Buffer.from(key, 'latin1');
    this.#inner = Buffer.from(bytes.map((b) => b ^ 0x36)).toString('latin1');
    for (let i = 0; i < blockBytes; i++) this.#outer[i] = (bytes[i] ?? 0) ^ 0x5c;
  }

  /** 32 bytes as a binary string. */
  digest(message: string): string {
    this.#outer.write(sha256(this.#inner + message), blockBytes, 'latin1');
    return sha256(this.#outer);
  }

  /** The first 16 bytes. */
  digest128(message: string): string {
    return this.digest(message).slice(0, 16);
  }

  /** The first 8 bytes as a signed 64-bit integer, as PostgreSQL's bigint holds it. */
  digest64(message: string): bigint {
    return Buffer.from(this.digest(message).slice(0, 8), 'latin1').readBigInt64BE(0);
  }
}
