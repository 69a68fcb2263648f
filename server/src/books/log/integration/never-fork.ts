/**
 * The check before every signature: database head, signed state, published checkpoint and guard file must be one history. Everything outside
 * the database is written after the signed state has moved, so in a sound book nothing outside is ever ahead of it.
 */
import {
  type Checkpoint,
  equalBytes,
  NoteError,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
  verifyNote,
} from '@rivulet/verifier';
import { LogStopped } from '../log-files.ts';
import type { DatabaseState, SignedState } from './integration-store.ts';

export interface Standing extends DatabaseState {
  readonly published: string | null;
  readonly guard: string | null;
}

export interface History {
  readonly book: string;
  readonly origin: string;
  /** The log's keys, present and retired: any of them may have signed what lies there. */
  readonly keys: readonly VerifierKey[];
  readonly checkpointPath: string;
  readonly guardPath: string;
  /** A note that we signed or verified before, to spare the signature's check. */
  readonly trusted: string | null;
  /** Root of our tree at a size up to the signed one, from the tile store. */
  rootAt(size: number): Promise<Uint8Array>;
}

/** @throws LogStopped naming the file, row or command that it is about */
export async function checkNeverFork(standing: Standing, history: History): Promise<void> {
  const { head, signed } = standing;
  if (signed !== null) checkSigned(head, signed, history);
  await checkOutside(standing.guard, history.guardPath, signed, history);
  await checkOutside(standing.published, history.checkpointPath, signed, history);
}

function checkSigned(head: number, signed: SignedState, history: History): void {
  const place = `log.signed of book ${history.book}`;
  const trusts = signed.note === history.trusted;
  const checkpoint = trusts ? parseCheckpoint(signed.note) : openCheckpoint(signed.note, place, history);
  if (checkpoint.size !== signed.size || !equalBytes(checkpoint.root, signed.root)) {
    throw new LogStopped('damaged', place, `${place}: size and root are not those of its note`);
  }
  if (head < signed.size) {
    throw new LogStopped(
      'outside_ahead',
      rescueOf(history.book),
      `size ${signed.size} was signed but the database head is at ${head}: run ${rescueOf(history.book)}`,
    );
  }
}

async function checkOutside(
  note: string | null,
  path: string,
  signed: SignedState | null,
  history: History,
): Promise<void> {
  if (note === null || note === signed?.note) return;
  const checkpoint = openCheckpoint(note, path, history);
  const size = signed?.size ?? -1;
  if (checkpoint.size > size) {
    throw new LogStopped(
      'outside_ahead',
      rescueOf(history.book),
      `${path} is at size ${checkpoint.size}, the database has signed ${signed?.size ?? 'nothing'}: an older database was restored. Run ${rescueOf(history.book)}`,
    );
  }
  const root = checkpoint.size === size ? (signed as SignedState).root : await history.rootAt(checkpoint.size);
  if (!equalBytes(root, checkpoint.root)) {
    throw new LogStopped('forked', path, `${path} has another root at size ${checkpoint.size} than this book`);
  }
}

/**
 * A checkpoint of this log, its signature verified.
 * @throws LogStopped `damaged` naming `place`
 */
export function openCheckpoint(
  text: string,
  place: string,
  { origin, keys }: Pick<History, 'origin' | 'keys'>,
): Checkpoint {
  const damaged = (why: string) => new LogStopped('damaged', place, `${place} is damaged: ${why}`);
  try {
    const note = parseNote(text);
    const signers = verifyNote(note, keys);
    const checkpoint = parseCheckpoint(note.body);
    if (!signers.some(({ key }) => key.algorithm === 1)) throw damaged("the log's own signature is missing");
    if (checkpoint.origin !== origin) throw damaged(`it is of ${checkpoint.origin}, not of ${origin}`);
    return checkpoint;
  } catch (error) {
    throw error instanceof NoteError ? damaged(error.message) : error;
  }
}

export function rescueOf(book: string): string {
  return `rivulet book rescue ${book}`;
}
