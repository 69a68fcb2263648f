/** C2SP signed notes with Ed25519 (0x01) and timestamped cosignatures (0x04). Signatures of keys that the caller does not name are ignored. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { concatBytes, fromBase64, toBase64, toHex, utf8 } from '../bytes.ts';
import { NoteError } from '../failure.ts';
import { sha256 } from './sha256.ts';

/** 1: Ed25519 over the note's text. 4: tlog-cosignature, with a time. */
export type KeyAlgorithm = 1 | 4;

export interface VerifierKey {
  name: string;
  /** Unsigned 32 bits. */
  keyId: number;
  algorithm: KeyAlgorithm;
  /** 32 bytes. */
  publicKey: Uint8Array;
}

export interface NoteSignature {
  name: string;
  keyId: number;
  /** What follows the key id: 64 bytes for Ed25519, 8 + 64 for a cosignature. */
  signature: Uint8Array;
}

export interface Note {
  /** The signed text, with its last newline. */
  body: string;
  signatures: NoteSignature[];
}

/** A signature that verified. `time` is a cosignature's, in seconds since 1970. */
export interface Verified {
  key: VerifierKey;
  time?: number;
}

const maxNoteLength = 1_000_000;
const maxSignatures = 100;
/** The end of the year 9999. */
const latestTime = 253_402_300_799n;
const namePattern = '[^\\s+\\u0085]+';
const signatureLine = new RegExp(`^— (${namePattern}) ([A-Za-z0-9+/=]+)$`);
const keyLine = new RegExp(`^(${namePattern})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]+)$`);

/** @throws NoteError when the text is no signed note. Nothing is verified: the body is not to be trusted yet. */
export function parseNote(text: string): Note {
  if (text.length > maxNoteLength) throw new NoteError('note.format', 'the note is too long', '签名文本过长');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text))
    throw new NoteError('note.format', 'the note has control characters', '签名文本含有控制字符');
  const split = text.lastIndexOf('\n\n');
  if (split < 0 || !text.endsWith('\n'))
    throw new NoteError('note.format', 'the note has no signatures', '签名文本没有签名');
  const lines = text.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures)
    throw new NoteError('note.format', 'the note has too many signatures', '签名文本的签名过多');
  return { body: text.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = signatureLine.exec(line) ?? [];
  if (name === undefined || encoded === undefined)
    throw new NoteError('note.format', 'a signature line is malformed', '有一行签名格式不对');
  const bytes = decode(encoded);
  if (bytes.length < 5) throw new NoteError('note.format', 'a signature is too short', '有一个签名过短');
  return { name, keyId: readKeyId(bytes), signature: bytes.subarray(4) };
}

/** `name+hash+key` as C2SP writes it. @throws NoteError also when the id does not follow from the name and the key */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [, name, id, encoded] = keyLine.exec(vkey.trim()) ?? [];
  if (name === undefined || id === undefined || encoded === undefined)
    throw new NoteError('key.format', 'not a verifier key', '不是验证公钥');
  const bytes = decode(encoded);
  const algorithm = bytes[0];
  if (bytes.length !== 33 || (algorithm !== 1 && algorithm !== 4))
    throw new NoteError('key.format', 'not an Ed25519 verifier key', '不是 Ed25519 验证公钥');
  const publicKey = bytes.subarray(1);
  const keyId = keyIdOf(name, algorithm, publicKey);
  if (toHex(fourBytes(keyId)) !== id)
    throw new NoteError('key.format', 'the verifier key does not fit its own id', '验证公钥与其编号不符');
  return { name, keyId, algorithm, publicKey };
}

/** The vkey text of a key. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${toHex(fourBytes(key.keyId))}+${toBase64(concatBytes(Uint8Array.of(key.algorithm), key.publicKey))}`;
}

/** First four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key), as signed-note recommends and tlog-cosignature demands. */
export function keyIdOf(name: string, algorithm: KeyAlgorithm, publicKey: Uint8Array): number {
  return readKeyId(sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey)));
}

/** One signature line with its newline. @param signature for algorithm 4 with its 8 bytes of time in front */
export function formatSignature(name: string, keyId: number, signature: Uint8Array): string {
  return `— ${name} ${toBase64(concatBytes(fourBytes(keyId), signature))}\n`;
}

/** What a tlog-cosignature signs. @param time seconds since 1970 */
export function cosignatureMessage(time: number, body: string): string {
  return `cosignature/v1\ntime ${time}\n${body}`;
}

/**
 * Every signature by one of `keys`, verified.
 * @param origin of the log whose own signature must be among them
 * @throws NoteError when one of them does not verify, or when there is none
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[], origin?: string): Verified[] {
  const verified: Verified[] = [];
  for (const signature of note.signatures) {
    const key = keys.find((known) => known.name === signature.name && known.keyId === signature.keyId);
    if (!key) continue;
    const time = key.algorithm === 4 ? readTime(signature.signature) : undefined;
    const bytes = key.algorithm === 4 ? signature.signature.subarray(8) : signature.signature;
    const message = time === undefined ? note.body : cosignatureMessage(time, note.body);
    if (!verifySignature(bytes, message, key.publicKey))
      throw new NoteError('note.signature', `the signature of ${key.name} does not verify`, `${key.name} 的签名不成立`);
    verified.push(time === undefined ? { key } : { key, time });
  }
  const enough = verified.some(({ key }) => origin === undefined || (key.algorithm === 1 && key.name === origin));
  if (!enough) throw unsigned(note, keys, origin);
  return verified;
}

/** Names the keys that the note says signed it beside those that the caller holds; the usual cause is a rotated key. */
function unsigned(note: Note, keys: readonly VerifierKey[], origin: string | undefined): NoteError {
  const list = (all: readonly { name: string; keyId: number }[]) =>
    all
      .filter(({ name }) => origin === undefined || name === origin)
      .map(({ keyId }) => toHex(fourBytes(keyId)))
      .join(', ');
  const [signers, named] = [list(note.signatures), list(keys)];
  if (signers === '') {
    return new NoteError('note.unsigned', `it has no signature of ${origin}`, `没有 ${origin} 的签名`);
  }
  const [en, zh] = named === '' ? ['', ''] : [` (${named})`, `（${named}）`];
  return new NoteError(
    'note.unsigned',
    `it says it is signed by key id ${signers}, which is not the one named${en} nor shown to follow from it; if the log has rotated its key, name both, or its site, which proves the change`,
    `它称由编号 ${signers} 的密钥签名，并非所指定的${zh}，也未见证明由其更换而来；若日志更换过密钥，请将新旧公钥一并指定，或指定能证明更换的网站`,
  );
}

/** Ed25519 of RFC 8032, without the leniency of ZIP 215. */
export function verifySignature(signature: Uint8Array, message: string, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, utf8(message), publicKey, { zip215: false });
  } catch {
    return false;
  }
}

function readTime(signature: Uint8Array): number {
  if (signature.length !== 72)
    throw new NoteError('note.format', 'a cosignature is not 72 bytes long', '副署签名不是 72 字节');
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > latestTime) throw new NoteError('note.format', 'a cosignature lies too far in the future', '副署时间过远');
  return Number(time);
}

function readKeyId(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function fourBytes(keyId: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, keyId);
  return bytes;
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw new NoteError('note.format', 'not base64', '不是 base64');
  }
}
