/** Two checkpoints of one log: is the smaller the beginning of the larger? If not and both are signed, the log forked and the two notes prove it. A log never shrinks. */
import { equalBytes } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { verifyConsistency } from '../tlog/merkle.ts';
import { proveConsistency } from '../tlog/prove.ts';
import type { LogSource } from '../tlog/source.ts';
import { TileTree } from '../tlog/tile-tree.ts';

/**
 * @param source the log's tiles; needed unless the sizes are equal or one is 0
 * @returns the number of hashes that prove it
 * @throws Failure `log.fork`, or that of the tiles when they do not make the larger root; TypeError without a source where one is needed
 */
export async function checkConsistency(
  one: Checkpoint,
  other: Checkpoint,
  source: LogSource | undefined,
): Promise<number> {
  const [older, newer] = one.size <= other.size ? [one, other] : [other, one];
  if (older.origin !== newer.origin) {
    const en = `the checkpoints are of two logs, ${older.origin} and ${newer.origin}`;
    throw new Failure('log.origin', en, `两个检查点属于不同的日志：${older.origin} 与 ${newer.origin}`);
  }
  if (older.size === 0) return 0;
  if (older.size === newer.size) {
    if (!equalBytes(older.root, newer.root)) throw forked(older, newer);
    return 0;
  }
  if (!source) throw new TypeError('the tiles of the log are needed');
  const tree = new TileTree(source, newer.size, newer.root);
  const proof = await proveConsistency(older.size, newer.size, (height, n) => tree.hash(height, n));
  if (!verifyConsistency(older.size, newer.size, proof, older.root, newer.root)) throw forked(older, newer);
  return proof.length;
}

/**
 * As `checkConsistency`, for a checkpoint that was seen before and one that is shown now.
 * @throws Failure also `log.rollback`, when the one shown is the smaller
 */
export async function checkGrown(seen: Checkpoint, shown: Checkpoint, source: LogSource | undefined): Promise<number> {
  if (seen.origin === shown.origin && shown.size < seen.size) throw rolledBack(seen.size, shown.size);
  return checkConsistency(seen, shown, source);
}

/** A log shows less than it signed before. */
export function rolledBack(seen: number, shown: number): Failure {
  const en = `you have seen a larger checkpoint (${seen}); this log shows only ${shown}: it was rolled back or is an old copy`;
  const zh = `您见过更大的检查点（${seen} 条），而此日志只有 ${shown} 条：它被回退过，或是旧的副本`;
  return new Failure('log.rollback', en, zh);
}

function forked(older: Checkpoint, newer: Checkpoint): Failure {
  const en = `the log signed two histories: the one of size ${older.size} is not the beginning of the one of size ${newer.size}`;
  const zh = `日志签署了两种历史：大小 ${older.size} 的不是大小 ${newer.size} 的开头`;
  return new Failure('log.fork', en, zh);
}
