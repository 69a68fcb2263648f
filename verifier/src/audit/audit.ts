/**
 * The whole audit of a log, exactly to one checkpoint, from its beginning or from a close: every entry against its leaf, every tile and the root
 * against the entries, every rule by replay, every signature, the site's public totals, other checkpoints seen. It stops at the first thing that
 * is wrong and names it.
 * Memory: some bundles ahead, one tile a level, accounts, and 36 bytes a move.
 */
import { readState } from '../close/state-file.ts';
import { Failure, locate, NoteError } from '../failure.ts';
import { checkConsistency, rolledBack } from '../proof/consistency.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../proof/signed-checkpoint.ts';
import { Replay } from '../replay/replay.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { formatVerifierKey, type VerifierKey } from '../tlog/note.ts';
import type { LogSource } from '../tlog/source.ts';
import { readText } from './find-log.ts';
import { compareTotals, readShownTotals } from './public-totals.ts';
import { type ReplayLogOptions, replayLog } from './replay-log.ts';
import { type NamedNote, tryVerify, verifyChain } from './trust.ts';

export interface AuditOptions extends Omit<ReplayLogOptions, 'onSize'> {
  /** Believed by the user; keys that the log announces under them are believed too. */
  readonly keys: readonly VerifierKey[];
  /** The checkpoint to audit to; the newest published one by default. */
  readonly checkpoint?: NamedNote;
  /** Checkpoints kept from earlier: each must belong to the same history. */
  readonly seen?: readonly NamedNote[];
  /** The site whose public totals are compared. */
  readonly site?: LogSource;
  /** The state of a close to begin at, as a file; without it the audit begins at entry 0. */
  readonly since?: { readonly name: string; readonly state: Uint8Array };
}

export interface AuditReport {
  readonly checkpoint: SignedCheckpoint;
  /** Published when the audit ended. */
  readonly newest: SignedCheckpoint;
  readonly replay: Replay;
  /** Bytes of entries, framing included; those of the first bundle whole. */
  readonly bytes: number;
  readonly tiles: number;
  /** Names of the checkpoints in `seen`, all consistent. */
  readonly seen: readonly string[];
  /** Public totals compared, with the size at which they were. */
  readonly shown: readonly { path: string; logSize: number }[];
  /** Public totals that this audit could not reach: they are of a size beyond the checkpoint, or from before it began. */
  readonly notShown: readonly { path: string; logSize: number }[];
  /** The most reversals behind any one unit, of those that the audit passed. */
  readonly longestChain: number;
}

/** @throws Failure naming what is wrong and where; Unreachable when something could not be read */
export async function audit(log: LogSource, options: AuditOptions): Promise<AuditReport> {
  // Totals first, so that they are of a size that the checkpoint, read after them, covers.
  const totals = options.site ? await readShownTotals(options.site) : [];
  const published = { name: 'checkpoint', note: await readText(log, 'checkpoint') };
  const { size } = locate(published.name, () => parseCheckpoint(published.note));
  const source: LogSource = { name: log.name, size, read: (path, maxBytes) => log.read(path, maxBytes) };
  const named = options.checkpoint ?? published;
  const seen = options.seen ?? [];
  mayBeSigned(named, seen, options.keys);
  refuseOldCopy(size, [named, ...seen], options.keys);
  const target = locate(named.name, () => parseCheckpoint(named.note));
  const replay = beginAt(options.since, target);
  const within = totals.filter(({ logSize }) => logSize >= replay.start && logSize <= target.size);
  const onSize = (size: number) => {
    for (const shown of within) if (shown.logSize === size) compareTotals(shown, replay);
  };
  const replayed = await replayLog(source, target, replay, { ...options, ...(within.length > 0 ? { onSize } : {}) });
  mustBeClosed(replay, options.since);
  const newest = { name: 'checkpoint', note: await readText(source, 'checkpoint') };
  const notes = [named, ...seen, newest];
  for (const note of notes) await sameHistory(source, target, note, options.keys);
  const signed = verifyChain(notes, options.keys, replay.keys);
  refuseRollback(signed, notes);
  refuseRetired(signed, notes, replay.retired);
  return {
    ...replayed,
    replay,
    checkpoint: signed[0] as SignedCheckpoint,
    newest: signed.at(-1) as SignedCheckpoint,
    seen: seen.map(({ name }) => name),
    shown: within.map(({ path, logSize }) => ({ path, logSize })),
    notShown: totals.filter((shown) => !within.includes(shown)).map(({ path, logSize }) => ({ path, logSize })),
    longestChain: replay.positions.longestChain(),
  };
}

function beginAt(since: AuditOptions['since'], target: Checkpoint): Replay {
  if (!since) return new Replay();
  const replay = locate(since.name, () => readState(since.state));
  if (replay.start < target.size) return replay;
  const en = `its close is at entry ${replay.start}, and the checkpoint has ${target.size} entries`;
  throw new Failure('close.ahead', en, `其结账在条目 ${replay.start}，而检查点只有 ${target.size} 条`, since.name);
}

/** Only a close in the signed log makes a state more than somebody's word. */
function mustBeClosed(replay: Replay, since: AuditOptions['since']): void {
  if (!since || replay.closes.has(replay.start)) return;
  const en = `no entry of the log, up to this checkpoint, closes the books at entry ${replay.start}`;
  throw new Failure('close.missing', en, `截至此检查点，没有条目在 ${replay.start} 处结账`, since.name);
}

/** Fails before the long work when it would fail after it: nothing could make a believed key out of the one that signed. */
function mayBeSigned(named: NamedNote, seen: readonly NamedNote[], keys: readonly VerifierKey[]): void {
  const isSigned = ({ note }: NamedNote) => !(tryVerify(note, keys) instanceof NoteError);
  const failure = tryVerify(named.note, keys);
  if (failure instanceof NoteError && !(failure.rule === 'note.unsigned' && seen.some(isSigned))) {
    throw failure.at(named.name);
  }
}

/** Fails before the long work, which would find the tiles of the larger tree missing. */
function refuseOldCopy(published: number, notes: readonly NamedNote[], keys: readonly VerifierKey[]): void {
  for (const { name, note } of notes) {
    const { size } = locate(name, () => parseCheckpoint(note));
    if (size <= published) continue;
    locate(name, () => verifyCheckpoint(note, keys));
    throw rolledBack(size, published).at(name);
  }
}

/** @throws Failure `log.fork` at the other checkpoint's name, once it is sure that a believed key signed that one */
async function sameHistory(
  source: LogSource,
  target: Checkpoint,
  { name, note }: NamedNote,
  keys: readonly VerifierKey[],
): Promise<void> {
  try {
    await checkConsistency(
      target,
      locate(name, () => parseCheckpoint(note)),
      source,
    );
  } catch (error) {
    if (error instanceof Failure && error.rule === 'log.fork') {
      locate(name, () => verifyCheckpoint(note, keys));
      throw error.at(name);
    }
    throw error;
  }
}

function refuseRollback(signed: readonly SignedCheckpoint[], notes: readonly NamedNote[]): void {
  const newest = signed.at(-1)?.size ?? 0;
  for (const [i, { size }] of signed.entries()) {
    if (size > newest) throw rolledBack(size, newest).at(notes[i]?.name ?? '');
  }
}

/** A key that the log itself has retired signs no more of it: whoever holds it still is somebody else. */
function refuseRetired(
  signed: readonly SignedCheckpoint[],
  notes: readonly NamedNote[],
  retired: ReadonlyMap<string, number>,
): void {
  for (const [i, { size, key }] of signed.entries()) {
    const at = retired.get(formatVerifierKey(key));
    if (at === undefined || size <= at) continue;
    const en = `it is signed by a key that entry ${at} retired`;
    throw new Failure('key.retired', en, `签名的密钥已由条目 ${at} 停用`, notes[i]?.name ?? '');
  }
}
