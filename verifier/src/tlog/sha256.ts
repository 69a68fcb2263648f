/** SHA-256: @noble/hashes everywhere, unless the host brings its own. The Node part of this package brings node:crypto, which is some times faster. */
import { sha256 as portable } from '@noble/hashes/sha2.js';

export type Sha256 = (message: Uint8Array) => Uint8Array;

let chosen: Sha256 = portable;

/** Use another SHA-256 from here on. It must be one: nothing below checks it. */
export function useSha256(implementation: Sha256): void {
  chosen = implementation;
}

export function sha256(message: Uint8Array): Uint8Array {
  return chosen(message);
}
