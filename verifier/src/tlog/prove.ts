/** Inclusion and consistency proofs (RFC 6962 section 2.1) out of the hashes of full subtrees, as tiles have them. */
import { nodeHash } from './merkle.ts';

/** Root of the full subtree of 2^height leaves that is the n-th at its height. */
export type HashAt = (height: number, n: number) => Promise<Uint8Array>;

/** Leaves [from, to). */
type Range = readonly [from: number, to: number];

/** Proof that leaf `index` is in the tree of `size` leaves. @throws RangeError when it cannot be */
export function proveInclusion(index: number, size: number, hashAt: HashAt): Promise<Uint8Array[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const ranges: Range[] = [];
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + largestPowerBelow(to - from);
    ranges.push(index < middle ? [middle, to] : [from, middle]);
    if (index < middle) to = middle;
    else from = middle;
  }
  return hashes(ranges.reverse(), hashAt);
}

/** Proof that the tree of `size1` leaves, at least one, is the beginning of the tree of `size2` leaves. @throws RangeError when it cannot be */
export function proveConsistency(size1: number, size2: number, hashAt: HashAt): Promise<Uint8Array[]> {
  if (!(size1 > 0 && size1 <= size2)) throw new RangeError(`no consistency proof from ${size1} to ${size2}`);
  const ranges: Range[] = [];
  let from = 0;
  let to = size2;
  while (to !== size1) {
    const middle = from + largestPowerBelow(to - from);
    ranges.push(size1 <= middle ? [middle, to] : [from, middle]);
    if (size1 <= middle) to = middle;
    else from = middle;
  }
  // What is left ends where the old tree ends; if it is the whole old tree, its root is known to the verifier.
  if (from > 0) ranges.push([from, to]);
  return hashes(ranges.reverse(), hashAt);
}

function hashes(ranges: readonly Range[], hashAt: HashAt): Promise<Uint8Array[]> {
  return Promise.all(ranges.map(([from, to]) => rangeHash(from, to, hashAt)));
}

/** Full subtrees from the left, largest first, folded from the right. */
async function rangeHash(from: number, to: number, hashAt: HashAt): Promise<Uint8Array> {
  const parts: Promise<Uint8Array>[] = [];
  for (let at = from; at < to; ) {
    let height = 0;
    while (2 ** (height + 1) <= to - at) height++;
    parts.push(hashAt(height, at / 2 ** height));
    at += 2 ** height;
  }
  return (await Promise.all(parts)).reduceRight((right, left) => nodeHash(left, right));
}

/** Largest power of two below n, for n from 2. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}
