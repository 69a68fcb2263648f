/** What two people compare by telephone to know that they hold the same key. */
import { toHex } from '../bytes.ts';
import type { VerifierKey } from '../tlog/note.ts';
import { sha256 } from '../tlog/sha256.ts';

/** SHA-256 of the 32 bytes of the public key: 64 hexadecimal characters. */
export function fingerprint(key: VerifierKey): string {
  return toHex(sha256(key.publicKey));
}

/** The first 16 characters of it, in fours. */
export function shortFingerprint(key: VerifierKey): string {
  return (fingerprint(key).slice(0, 16).match(/.{4}/g) ?? []).join(' ');
}
