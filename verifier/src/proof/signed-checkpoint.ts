/** A checkpoint whose signature was checked against the keys that the user named. */
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote, parseVerifierKey, type Verified, type VerifierKey, verifyNote } from '../tlog/note.ts';

export interface SignedCheckpoint extends Checkpoint {
  /** The note as it was read. */
  readonly note: string;
  /** The log's key that signed. */
  readonly key: VerifierKey;
  /** The latest time of a cosignature by a known key, in seconds since 1970; undefined without one. */
  readonly time: number | undefined;
}

/**
 * @throws NoteError when it is no checkpoint, a signature of a known key does not verify, or no known log key of that origin signed it
 */
export function verifyCheckpoint(note: string, keys: readonly VerifierKey[]): SignedCheckpoint {
  const parsed = parseNote(note);
  const checkpoint = parseCheckpoint(parsed.body);
  const verified = verifyNote(parsed, keys, checkpoint.origin);
  const log = verified.find(({ key }) => key.algorithm === 1 && key.name === checkpoint.origin) as Verified;
  const times = verified.flatMap(({ time }) => time ?? []);
  return { ...checkpoint, note, key: log.key, time: times.length > 0 ? Math.max(...times) : undefined };
}

/** Keys as text, one vkey a line; empty lines are skipped. @throws NoteError */
export function parseVerifierKeys(text: string): VerifierKey[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseVerifierKey);
}

/** `2026-11-18T08:00:02Z`. @param seconds since 1970 */
export function sayTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
