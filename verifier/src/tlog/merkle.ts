/**
 * Merkle trees of RFC 6962 (RFC 9162 section 2.1), and of their subtrees [start, end) as in draft-ietf-plants-merkle-tree-certs: proofs of a
 * whole tree are proofs of the subtree [0, size). Every function returns false on nonsense rather than throw.
 */
import { equalBytes } from '../bytes.ts';
import { sha256 } from './sha256.ts';

/** An index or size: a number must be a safe integer, a bigint may be as large as 2^64 - 1. */
export type Count = number | bigint;

/** Root of a tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + entry.length);
  message.set(entry, 1);
  return sha256(message);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const message = new Uint8Array(65);
  message[0] = 1;
  message.set(left, 1);
  message.set(right, 33);
  return sha256(message);
}

/** Is `leaf` the leaf hash at `index` of the tree of `size` leaves with this root? */
export function verifyInclusion(
  index: Count,
  size: Count,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return verifySubtreeInclusion(index, 0, size, leaf, proof, root);
}

/** Is the tree of `size1` leaves the beginning of the tree of `size2` leaves? The empty tree is the beginning of itself only. */
export function verifyConsistency(
  size1: Count,
  size2: Count,
  proof: readonly Uint8Array[],
  root1: Uint8Array,
  root2: Uint8Array,
): boolean {
  if (isCount(size1) && BigInt(size1) === 0n && !(isCount(size2) && BigInt(size2) === 0n && equalBytes(root1, root2))) {
    return false;
  }
  return verifySubtreeConsistency(0, size1, size2, proof, root1, root2);
}

/** Is `leaf` the leaf hash at `index` (counted in the whole tree) of the subtree [start, end) with this root? */
export function verifySubtreeInclusion(
  index: Count,
  start: Count,
  end: Count,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isSubtree(start, end) || !areHashes(leaf, ...proof)) return false;
  let fn = BigInt(index) - BigInt(start);
  let sn = BigInt(end) - BigInt(start) - 1n;
  if (fn < 0n || fn > sn) return false;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0n) return false;
    if (odd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (!odd(fn) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(hash, root);
}

/** Is the subtree [start, end) with `root1` a part of the tree of `size` leaves with `root2`? The empty subtree is a part of every tree. */
export function verifySubtreeConsistency(
  start: Count,
  end: Count,
  size: Count,
  proof: readonly Uint8Array[],
  root1: Uint8Array,
  root2: Uint8Array,
): boolean {
  if (!isSubtree(start, end) || !isCount(size) || BigInt(end) > BigInt(size)) return false;
  if (BigInt(start) === BigInt(end)) return proof.length === 0 && equalBytes(root1, emptyRoot());
  if (proof.length > 0 && !areHashes(root1, ...proof)) return false;
  let fn = BigInt(start);
  let sn = BigInt(end) - 1n;
  let tn = BigInt(size) - 1n;
  const shift = () => {
    fn >>= 1n;
    sn >>= 1n;
    tn >>= 1n;
  };
  // Climb to the root of the subtree where it is a node of the tree as it stands, else to its largest full part on the right.
  while (fn !== sn && (sn === tn || odd(sn))) shift();
  const rest = [...proof];
  const first = fn === sn ? root1 : rest.shift();
  if (!first) return false;
  let inSubtree = first;
  let inTree = first;
  for (const hash of rest) {
    if (tn === 0n) return false;
    if (odd(sn) || sn === tn) {
      if (fn < sn) inSubtree = nodeHash(hash, inSubtree);
      inTree = nodeHash(hash, inTree);
      while (!odd(sn) && sn !== 0n) shift();
    } else {
      inTree = nodeHash(inTree, hash);
    }
    shift();
  }
  return tn === 0n && equalBytes(inSubtree, root1) && equalBytes(inTree, root2);
}

function odd(n: bigint): boolean {
  return (n & 1n) === 1n;
}

function isCount(n: Count): boolean {
  return typeof n === 'bigint' ? n >= 0n : Number.isSafeInteger(n) && n >= 0;
}

/** A subtree starts at a multiple of the power of two that holds it. */
function isSubtree(start: Count, end: Count): boolean {
  if (!isCount(start) || !isCount(end)) return false;
  const from = BigInt(start);
  const width = BigInt(end) - from;
  if (width < 0n) return false;
  let span = 1n;
  while (span < width) span <<= 1n;
  return from % span === 0n;
}

function areHashes(...hashes: Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32);
}
