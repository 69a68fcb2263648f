/**
 * From a key that the user holds to the keys that came after it. A rotation is one announcement, an entry `log.key`, proved to lie in a checkpoint
 * that the key before signed. So it takes the old key to make one: who holds only the new key can make none. docs/formats/proofs.md.
 */
import { utf8 } from '../bytes.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import { Failure, locate } from '../failure.ts';
import { leafHash, verifyInclusion } from '../tlog/merkle.ts';
import { parseVerifierKey, type VerifierKey } from '../tlog/note.ts';
import { type SignedCheckpoint, verifyCheckpoint } from './signed-checkpoint.ts';
import { decodeHash, maxRotations, type Rotation, rotationsShape } from './tlog-proof.ts';

/** A rotation that holds. */
export interface FollowedRotation {
  /** The key before, which signed `checkpoint`. */
  readonly from: VerifierKey;
  readonly to: VerifierKey;
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
}

/** A log's file `rotations`: one JSON object a line, oldest first. @throws Failure `rotation.format` */
export function parseRotations(file: string): Rotation[] {
  const lines = file.split('\n').filter((line) => line !== '');
  try {
    const rotations: unknown = lines.map((line) => JSON.parse(line));
    rotationsShape(rotations, '');
    return rotations as Rotation[];
  } catch (error) {
    if (!(error instanceof Failure || error instanceof SyntaxError)) throw error;
    throw new Failure('rotation.format', 'it is no list of key rotations', '不是密钥更换的列表');
  }
}

/**
 * The rotations that lead on from `keys`, each proved under the key before it. One that begins at a key not believed is passed over: it may be
 * older than the key that the user holds.
 * @param rotations oldest first
 * @throws Failure `rotation.proof` when a believed key's checkpoint does not hold the announcement that it is said to hold
 */
export function followRotations(keys: readonly VerifierKey[], rotations: readonly Rotation[]): FollowedRotation[] {
  const believed = [...keys];
  const followed: FollowedRotation[] = [];
  for (const rotation of rotations.slice(0, maxRotations)) {
    const checkpoint = signedBy(believed, rotation.checkpoint);
    if (!checkpoint) continue;
    const to = locate(`rotations (${rotation.index})`, () => announcedKey(rotation, checkpoint));
    if (believed.some((key) => key.name === to.name && key.keyId === to.keyId)) continue;
    believed.push(to);
    followed.push({ from: checkpoint.key, to, index: rotation.index, checkpoint });
  }
  return followed;
}

function signedBy(keys: readonly VerifierKey[], note: string): SignedCheckpoint | undefined {
  try {
    return verifyCheckpoint(note, keys);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function announcedKey({ entry, index, path }: Rotation, { origin, size, root }: SignedCheckpoint): VerifierKey {
  const included = verifyInclusion(index, size, leafHash(utf8(entry)), path.map(decodeHash), root);
  const said = included ? parseEntry(entry) : undefined;
  if (said?.kind === 'log.key' && said.role === 'log' && said.state === 'active') {
    const key = parseVerifierKey(said.key);
    if (key.name === origin && key.algorithm === 1) return key;
  }
  const en = 'the checkpoint does not hold the announcement of a key of this log there';
  throw new Failure('rotation.proof', en, '检查点在该处并未载有本日志密钥的公告');
}
