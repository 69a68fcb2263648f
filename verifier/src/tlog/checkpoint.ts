/** C2SP tlog-checkpoint: what a log signs. */
import { fromBase64, toBase64 } from '../bytes.ts';
import { NoteError } from '../failure.ts';
import { parseNote } from './note.ts';

export interface Checkpoint {
  origin: string;
  /** Number of leaves, a safe integer. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  extensions: string[];
}

/**
 * The checkpoint in a signed note, or in a note's body.
 * @throws NoteError when it is none. No signature is verified here.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const body = text.includes('\n\n') ? parseNote(text).body : text;
  const lines = body.split('\n');
  if (lines.pop() !== '' || lines.length < 3 || lines.includes(''))
    throw new NoteError('checkpoint.format', 'not a checkpoint: lines are missing', '不是检查点：缺少行');
  const [origin = '', size = '', root = '', ...extensions] = lines;
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw new NoteError('checkpoint.format', 'not a checkpoint: bad size', '不是检查点：大小不对');
  return { origin, size: Number(size), root: readRoot(root), extensions };
}

/** The body that a log signs. */
export function checkpointBody(origin: string, size: number, root: Uint8Array): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

function readRoot(text: string): Uint8Array {
  let root: Uint8Array | undefined;
  try {
    root = fromBase64(text);
  } catch {
    // said below
  }
  if (root?.length !== 32)
    throw new NoteError('checkpoint.format', 'not a checkpoint: bad root', '不是检查点：根哈希不对');
  return root;
}
