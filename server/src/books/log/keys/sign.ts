/** Signatures of a log: C2SP signed notes by Ed25519, and timestamped cosignatures by our own witness key. */
import { sign } from 'node:crypto';
import { checkpointBody, cosignatureMessage, formatSignature, utf8 } from '@rivulet/verifier';
import { assert } from '#base/assert';
import type { SigningKey } from './key-file.ts';

/** @param witness null for a log that carries no cosignature */
export interface LogKeys {
  readonly log: SigningKey;
  readonly witness: SigningKey | null;
}

/** A signed note: body, empty line, signature. @param body ends with a newline and has no empty line in it */
export function signNote(body: string, key: SigningKey): string {
  assert(body.endsWith('\n') && key.verifier.algorithm === 1, 'a note ends with a newline and is signed by a log key');
  return `${body}\n${signature(key, sign(null, utf8(body), key.privateKey))}`;
}

/**
 * The checkpoint of a tree, signed by the log, then by its witness. Ed25519 is deterministic: the same tree, time and keys give the same bytes.
 * @param time seconds since 1970 at which the log was seen at this size
 */
export function signCheckpoint(origin: string, size: number, root: Uint8Array, time: number, keys: LogKeys): string {
  const body = checkpointBody(origin, size, root);
  const note = signNote(body, keys.log);
  return keys.witness === null ? note : note + cosignature(body, time, keys.witness);
}

/** One line: that at `time` the log stood at this checkpoint. */
export function cosignature(body: string, time: number, key: SigningKey): string {
  assert(
    key.verifier.algorithm === 4 && Number.isSafeInteger(time) && time >= 0,
    'a cosignature needs its key and time',
  );
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const bytes = sign(null, utf8(cosignatureMessage(time, body)), key.privateKey);
  return signature(key, Buffer.concat([stamp, bytes]));
}

function signature({ verifier }: SigningKey, bytes: Uint8Array): string {
  return formatSignature(verifier.name, verifier.keyId, bytes);
}
