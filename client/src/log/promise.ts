/** The signed promise of docs/formats/proofs.md: which leaves will be published, and by when. */
import { fromBase64 } from '@rivulet/verifier';

export interface IntakePromise {
  readonly origin: string;
  /** Both inclusive. */
  readonly first: number;
  readonly last: number;
  /** SHA-256 over the leaf hashes `first … last`. */
  readonly hash: Uint8Array;
  /** Seconds since 1970. */
  readonly by: number;
}

/** @param body of a note whose signature was verified. @returns null when it is no promise. */
export function parsePromise(body: string): IntakePromise | null {
  const [version, origin, range, hash, time, end, ...more] = body.split('\n');
  const indices = /^(0|[1-9]\d{0,15}) (0|[1-9]\d{0,15})$/.exec(range ?? '');
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time ?? '') ? Date.parse(time as string) : Number.NaN;
  if (version !== 'rivulet-promise/v1' || !origin || indices === null || Number.isNaN(at)) return null;
  if (end !== '' || more.length > 0) return null;
  const [first, last] = [Number(indices[1]), Number(indices[2])];
  const bytes = decode(hash ?? '');
  return bytes?.length === 32 && first <= last ? { origin, first, last, hash: bytes, by: at / 1_000 } : null;
}

function decode(text: string): Uint8Array | null {
  try {
    return fromBase64(text);
  } catch {
    return null;
  }
}
