/** The signed promise of an intake answer, and whether the log kept it. docs/formats/proofs.md, "Signed promise". */
import { equalBytes, fromBase64, toBase64 } from '../bytes.ts';
import { Failure, locate } from '../failure.ts';
import { parseNote, type VerifierKey, verifyNote } from '../tlog/note.ts';
import { sha256 } from '../tlog/sha256.ts';
import { type LogSource, maxNoteBytes } from '../tlog/source.ts';
import { hashBytes, tileWidth } from '../tlog/tile.ts';
import { TileTree } from '../tlog/tile-tree.ts';
import { type SignedCheckpoint, sayTime } from './signed-checkpoint.ts';

export interface SignedPromise {
  origin: string;
  /** Indices, both inclusive. */
  first: number;
  last: number;
  /** SHA-256 over the leaf hashes. */
  hash: Uint8Array;
  /** `2026-11-18T08:01:02Z`: by then a checkpoint covers them. */
  by: string;
}

/** `broken` is proved by the promise and the checkpoint alone; both are signed by the log. */
export type PromiseState = 'kept' | 'waiting' | 'broken';

export interface PromiseVerdict {
  readonly state: PromiseState;
  readonly promise: SignedPromise;
  readonly checkpoint: SignedCheckpoint;
  /** Why, in both languages. */
  readonly said: { readonly en: string; readonly zh: string };
}

/** More entries than one request can make. */
const maxEntries = 1_000_000;

/** Its body, not verified. @throws Failure `promise.format` */
export function parsePromise(body: string): SignedPromise {
  const match =
    /^rivulet-promise\/v1\n([^\n]+)\n(0|[1-9]\d{0,15}) (0|[1-9]\d{0,15})\n([^\n]+)\n(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n$/.exec(
      body,
    );
  const [, origin = '', first, last, hash = '', by = ''] = match ?? [];
  const promise = { origin, first: Number(first), last: Number(last), hash: decode(hash), by };
  const sane = promise.first <= promise.last && promise.last - promise.first < maxEntries;
  if (!match || !sane || promise.hash.length !== hashBytes || Number.isNaN(Date.parse(by))) {
    throw new Failure('promise.format', 'it is no signed promise', '不是签名承诺');
  }
  return promise;
}

/** The body that a log signs. */
export function promiseBody({ origin, first, last, hash, by }: SignedPromise): string {
  return `rivulet-promise/v1\n${origin}\n${first} ${last}\n${toBase64(hash)}\n${by}\n`;
}

/** A promise signed by one of the keys, of the same origin. @throws NoteError, Failure `promise.format` */
export function verifyPromise(note: string, keys: readonly VerifierKey[]): SignedPromise {
  return locate('promise', () => {
    const parsed = parseNote(note);
    const promise = parsePromise(parsed.body);
    verifyNote(
      parsed,
      keys.filter((key) => key.algorithm === 1 && key.name === promise.origin),
      promise.origin,
    );
    return promise;
  });
}

/**
 * Looks for a promise in a log.
 * @param checkpoint of the same log, verified; the newer, the more it can tell
 * @throws Failure when the log's tiles do not make the checkpoint's root or cannot be read: then nothing is known about the promise
 */
export async function checkPromise(
  promise: SignedPromise,
  checkpoint: SignedCheckpoint,
  source: LogSource,
): Promise<PromiseVerdict> {
  const { first, last, by, origin } = promise;
  if (checkpoint.origin !== origin) {
    throw new Failure('promise.origin', `the promise is of ${origin}`, `该承诺属于 ${origin}`, 'promise');
  }
  const verdict = (state: PromiseState, en: string, zh: string) => ({ state, promise, checkpoint, said: { en, zh } });
  const { size, time } = checkpoint;
  if (size <= last) {
    const late = time !== undefined && time > Date.parse(by) / 1000;
    const [enTime, zhTime] =
      time === undefined ? ['no known witness says when', '没有已知见证的时间'] : [sayTime(time), sayTime(time)];
    const en = `entries ${first} to ${last} were promised by ${by}; the log had ${size} entries (${enTime})`;
    return verdict(
      late ? 'broken' : 'waiting',
      en,
      `承诺在 ${by} 前公布条目 ${first} 至 ${last}；日志当时有 ${size} 条（${zhTime}）`,
    );
  }
  const leaves = await readLeaves(new TileTree(source, size, checkpoint.root), first, last);
  if (!equalBytes(sha256(leaves), promise.hash)) {
    const en = `the log has other entries at ${first} to ${last} than it promised`;
    return verdict('broken', en, `日志条目 ${first} 至 ${last} 与承诺不同`);
  }
  const en = `entries ${first} to ${last} are in the log as promised`;
  return verdict('kept', en, `条目 ${first} 至 ${last} 已如约载入日志`);
}

/** Leaf hashes first … last, side by side. */
export async function readLeaves(tree: TileTree, first: number, last: number): Promise<Uint8Array> {
  const leaves = new Uint8Array((last - first + 1) * hashBytes);
  for (let n = Math.floor(first / tileWidth); n * tileWidth <= last; n++) {
    const tile = await tree.tile(0, n);
    const from = Math.max(first, n * tileWidth);
    const to = Math.min(last + 1, (n + 1) * tileWidth);
    const part = tile.subarray((from - n * tileWidth) * hashBytes, (to - n * tileWidth) * hashBytes);
    leaves.set(part, (from - first) * hashBytes);
  }
  return leaves;
}

/** The note in an intake answer, or the text itself when it is a note. @throws Failure `promise.format` */
export function promiseIn(text: string): string {
  if (text.length > 64 * maxNoteBytes) throw new Failure('promise.format', 'the file is too long', '文件过长');
  if (!text.trimStart().startsWith('{')) return text;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // said below
  }
  const promise = (answer as { promise?: unknown } | undefined)?.promise;
  if (typeof promise === 'string') return promise;
  throw new Failure('promise.format', 'the answer has no promise in it', '应答中没有承诺');
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    return new Uint8Array(0);
  }
}
