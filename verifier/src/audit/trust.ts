/** Which keys to believe: those that the user named, and those that the log announced while a believed key was signing. */
import { NoteError } from '../failure.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../proof/signed-checkpoint.ts';
import type { AnnouncedKey } from '../replay/replay.ts';
import type { VerifierKey } from '../tlog/note.ts';

/** A checkpoint as text, and where it came from. */
export interface NamedNote {
  readonly name: string;
  readonly note: string;
}

/**
 * Verifies checkpoints of one log, all of which must be known to share its history.
 * @param announced by the log's entries
 * @returns the checkpoints in the order of `notes`, all signed by believed keys
 * @throws NoteError naming the first that is not
 */
export function verifyChain(
  notes: readonly NamedNote[],
  keys: readonly VerifierKey[],
  announced: readonly AnnouncedKey[],
): SignedCheckpoint[] {
  const believed = [...keys];
  for (;;) {
    const verified = notes.map(({ note }) => tryVerify(note, believed));
    const covered = Math.max(0, ...verified.map((checkpoint) => (checkpoint instanceof Error ? 0 : checkpoint.size)));
    const fresh = announced.filter(({ key, since }) => since < covered && !believed.some((one) => same(one, key)));
    if (fresh.length === 0) return verified.map((checkpoint, i) => orThrow(checkpoint, notes[i]?.name ?? ''));
    believed.push(...fresh.map(({ key }) => key));
  }
}

/** The checkpoint, or why it is none. */
export function tryVerify(note: string, keys: readonly VerifierKey[]): SignedCheckpoint | NoteError {
  try {
    return verifyCheckpoint(note, keys);
  } catch (error) {
    if (error instanceof NoteError) return error;
    throw error;
  }
}

function orThrow(checkpoint: SignedCheckpoint | NoteError, name: string): SignedCheckpoint {
  if (checkpoint instanceof NoteError) throw checkpoint.at(name);
  return checkpoint;
}

function same(one: VerifierKey, other: VerifierKey): boolean {
  return one.name === other.name && one.keyId === other.keyId;
}
