/** The C2SP tlog-proof file, and what a gift proof carries in its `extra`. Nothing here is verified yet. */
import { fromBase64, fromUtf8 } from '../bytes.ts';
import { type Check, exactly, integer, list, object, text } from '../entry/shape.ts';
import { Failure, type Said } from '../failure.ts';
import type { SealedText } from './opening.ts';

export interface TlogProof {
  extra: Uint8Array | undefined;
  index: number;
  /** From the leaf's sibling up. */
  path: Uint8Array[];
  /** Signed note. */
  checkpoint: string;
}

export interface RelatedEntry {
  entry: string;
  index: number;
  /** From the leaf's sibling up, base64. */
  path: string[];
}

/** An announcement of a log key, in a checkpoint of the key before it: see rotation.ts. */
export interface Rotation {
  /** Signed note. */
  readonly checkpoint: string;
  /** The announcement, as text. */
  readonly entry: string;
  readonly index: number;
  /** From the leaf's sibling up, base64. */
  readonly path: readonly string[];
}

export interface GiftProofExtra {
  entry: string;
  format: 1;
  related: RelatedEntry[];
  says?: Partial<Said>;
  opening?: SealedText;
  /** Verifier keys as text, a line each, put there by whoever made the file: never a reason to believe them. */
  keys?: string;
  /** How the log's key changed, oldest first. */
  rotations?: readonly Rotation[];
}

const maxFileLength = 4_000_000;
const maxPath = 64;
const anyText: Check = text(/^/, 'a text', '文本');
/** More than a log sees in a lifetime; each costs a signature to check. */
export const maxRotations = 100;
export const rotationsShape: Check = list(
  object({ checkpoint: anyText, entry: anyText, index: integer(0), path: list(anyText, 0, maxPath) }),
  0,
  maxRotations,
);
const extraShape = object(
  {
    entry: anyText,
    format: exactly(1),
    related: list(object({ entry: anyText, index: integer(0), path: list(anyText, 0, maxPath) }), 0, 10_000),
  },
  {
    says: object({}, { en: anyText, zh: anyText }),
    opening: object({ salt: anyText, text: anyText }),
    keys: text(/^.{0,16384}$/s, 'a text of at most 16,384 characters', '不超过 16384 个字符的文本'),
    rotations: rotationsShape,
  },
);

/** @throws Failure `proof.format` */
export function parseTlogProof(file: string): TlogProof {
  if (file.length > maxFileLength) throw malformed('it is too long', '文件过长');
  const split = file.indexOf('\n\n');
  const lines = file.slice(0, split).split('\n');
  if (split < 0 || lines.shift() !== 'c2sp.org/tlog-proof@v1') {
    throw malformed('it is not a c2sp.org/tlog-proof@v1 file', '不是 c2sp.org/tlog-proof@v1 文件');
  }
  const extra = lines[0]?.startsWith('extra ') ? decode((lines.shift() as string).slice(6)) : undefined;
  const said = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '')?.[1];
  const index = Number(said ?? Number.NaN);
  if (!Number.isSafeInteger(index)) throw malformed('its index is malformed', '序号格式不对');
  if (lines.length > maxPath) throw malformed('its path is too long', '路径过长');
  return { extra, index, path: lines.map(decodeHash), checkpoint: file.slice(split + 2) };
}

/** @throws Failure `proof.extra` */
export function parseGiftExtra(extra: Uint8Array | undefined): GiftProofExtra {
  const missing = new Failure('proof.extra', 'the file does not say which gift it proves', '文件未说明所证明的捐赠');
  if (!extra) throw missing;
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(extra));
  } catch {
    throw missing;
  }
  extraShape(value, 'extra');
  return value as GiftProofExtra;
}

/** One hash of a path. @throws Failure `proof.format` */
export function decodeHash(base64: string): Uint8Array {
  const hash = decode(base64);
  if (hash.length !== 32) throw malformed('a hash is not 32 bytes long', '有一个哈希不是 32 字节');
  return hash;
}

function decode(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    throw malformed('it has a line that is not base64', '有一行不是 base64');
  }
}

function malformed(en: string, zh: string): Failure {
  return new Failure('proof.format', en, zh);
}
