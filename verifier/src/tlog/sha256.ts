/** SHA-256: @noble/hashes everywhere, unless the host brings its own. The Node part of this package brings node:crypto, which is five times faster. */
import { sha256 as portable } from '@noble/hashes/sha2.js';

/** Writes the 32 bytes of SHA-256(message) into `out` at `at`. */
export type Sha256Into = (message: Uint8Array, out: Uint8Array, at: number) => void;

// One hasher set back to its beginning for each message: a quarter less time than a new one each, over millions of small messages.
const beginning = portable.create();
const hasher = beginning.clone();
const digest = new Uint8Array(32);

let hashInto: Sha256Into = (message, out, at) => {
  beginning._cloneInto(hasher).update(message).digestInto(digest);
  out.set(digest, at);
};

/** Use another SHA-256 from here on. It must be one: nothing below checks it. */
export function useSha256(implementation: Sha256Into): void {
  hashInto = implementation;
}

/** For hot loops: no array is made. */
export function sha256Into(message: Uint8Array, out: Uint8Array, at: number): void {
  hashInto(message, out, at);
}

export function sha256(message: Uint8Array): Uint8Array {
  const hash = new Uint8Array(32);
  hashInto(message, hash, 0);
  return hash;
}
