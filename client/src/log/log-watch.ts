/**
 * One client's eye on one book's log. Every checkpoint that it is shown must be signed by the keys it holds to and consistent with those before;
 * every promise must be signed, and its leaves be published in time.
 */
import {
  type Checkpoint,
  concatBytes,
  equalBytes,
  Failure,
  followRotations,
  formatVerifierKey,
  type Note,
  parseCheckpoint,
  parseNote,
  parseRotations,
  parseVerifierKey,
  proveConsistency,
  sha256,
  TileTree,
  tileWidth,
  type Verified,
  type VerifierKey,
  verifyConsistency,
  verifyNote,
} from '@rivulet/verifier';
import { OutOfReach, RequestRefused } from '../request-refused.ts';
import type { Transport } from '../transport.ts';
import { LogBroken } from './log-broken.ts';
import type { KeptPromise, LogMemory } from './memory.ts';
import { type IntakePromise, parsePromise } from './promise.ts';

/** `waiting`: not due yet. `broken`: `promise` and `checkpoint` together prove it (`rivulet-verify promise`). */
export type PromiseVerdict =
  | { readonly verdict: 'kept' | 'waiting'; readonly promise: string }
  | { readonly verdict: 'broken'; readonly promise: string; readonly checkpoint: string };

interface Seen {
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Seconds since 1970: the witness saw the log at this size then. Null without a cosignature. */
  readonly time: number | null;
}

interface WatchOptions {
  readonly book: string;
  readonly transport: Transport;
  readonly memory: LogMemory;
  /** Null: hold to the first keys seen. */
  readonly keys: readonly string[] | null;
}

export class LogWatch {
  readonly #options: WatchOptions;
  readonly #path: string;
  #keys: readonly VerifierKey[] | null = null;
  #keyLines = '';
  #newest: Seen | null = null;
  /** Checks go one after another, so that each compares with the one before. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#path = `/books/${options.book}/log/`;
  }

  /** The newest checkpoint that passed, as a signed note; null before the first. */
  async newest(): Promise<string | null> {
    return this.#inTurn(async () => {
      await this.#load();
      return this.#newest?.note ?? null;
    });
  }

  /**
   * Checks a checkpoint against the keys and all that was seen before, and keeps it if it is the newest. Tiles that cannot be reached now leave the
   * check to the next checkpoint, which covers this one too. @throws LogBroken
   */
  see(note: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#load();
      await this.#followKeys(note);
      await this.#see(note);
    });
  }

  /** Fetches the published checkpoint and checks it. @throws LogBroken, OutOfReach */
  async refresh(): Promise<void> {
    await this.see(await this.#options.transport.text({ method: 'GET', path: `${this.#path}checkpoint` }));
  }

  /** Checks a promise's form and signature and keeps it. @throws LogBroken */
  keepPromise(note: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#load();
      await this.#followKeys(note);
      this.#promiseIn(note);
      await this.#options.memory.savePromise({ book: this.#options.book, note });
    });
  }

  /** Looks for every promise kept in the newest checkpoint. Kept ones are forgotten, broken ones stay. @throws LogBroken, OutOfReach */
  async checkPromises(): Promise<PromiseVerdict[]> {
    const kept = await this.#options.memory.promises(this.#options.book);
    if (kept.length === 0) return [];
    await this.refresh();
    return this.#inTurn(async () => {
      const seen = this.#newest;
      if (seen === null) return kept.map(({ note }) => ({ verdict: 'waiting', promise: note }) as const);
      const tree = this.#tree(seen.checkpoint);
      const verdicts: PromiseVerdict[] = [];
      for (const promise of kept) verdicts.push(await this.#check(promise, seen, tree));
      return verdicts;
    });
  }

  async #check(kept: KeptPromise, seen: Seen, tree: TileTree): Promise<PromiseVerdict> {
    const promise = this.#promiseIn(kept.note);
    const broken = { verdict: 'broken', promise: kept.note, checkpoint: seen.note } as const;
    if (seen.checkpoint.size <= promise.last) {
      return seen.time !== null && seen.time > promise.by ? broken : { verdict: 'waiting', promise: kept.note };
    }
    if (!equalBytes(sha256(await leavesOf(tree, promise)), promise.hash)) return broken;
    await this.#options.memory.forgetPromise(kept);
    return { verdict: 'kept', promise: kept.note };
  }

  #promiseIn(text: string): IntakePromise {
    const { note } = this.#verify(text);
    const promise = parsePromise(note.body);
    if (promise === null) throw new LogBroken('malformed', 'the server signed something that is no promise', [text]);
    return promise;
  }

  async #see(text: string): Promise<void> {
    if (text === this.#newest?.note) return;
    const next = this.#read(text);
    const before = this.#newest;
    if (before === null || before.checkpoint.size === 0) return this.#keep(next);
    const [older, newer] = before.checkpoint.size <= next.checkpoint.size ? [before, next] : [next, before];
    if (!(await this.#isBeginningOf(older, newer))) return;
    if (newer === next && (next.checkpoint.size > before.checkpoint.size || (next.time ?? 0) > (before.time ?? 0)))
      await this.#keep(next);
  }

  /** False when it cannot be told now. @throws LogBroken when it is not */
  async #isBeginningOf(older: Seen, newer: Seen): Promise<boolean> {
    const [one, two] = [older.checkpoint, newer.checkpoint];
    const forked = () =>
      new LogBroken('forked', `the log shows another past at size ${one.size} than before`, [older.note, newer.note]);
    if (one.origin !== two.origin) throw forked();
    if (one.size === 0) return true;
    if (one.size === two.size) {
      if (!equalBytes(one.root, two.root)) throw forked();
      return true;
    }
    const tree = this.#tree(two);
    let proof: Uint8Array[];
    try {
      proof = await proveConsistency(one.size, two.size, (height, n) => tree.hash(height, n));
    } catch (error) {
      if (error instanceof OutOfReach || (error instanceof Failure && error.rule === 'tile.missing')) return false;
      throw new LogBroken('tiles', 'the tiles do not lead to the checkpoint', [older.note, newer.note], error);
    }
    if (!verifyConsistency(one.size, two.size, proof, one.root, two.root)) throw forked();
    return true;
  }

  #tree({ size, root }: Checkpoint): TileTree {
    const read = (path: string) => this.#options.transport.bytes(this.#path + path);
    return new TileTree({ name: this.#path, read }, size, root);
  }

  async #keep(seen: Seen): Promise<void> {
    this.#newest = seen;
    await this.#options.memory.saveLog({ book: this.#options.book, keys: this.#keyLines, checkpoint: seen.note });
  }

  #read(text: string): Seen {
    const { note, verified } = this.#verify(text);
    try {
      const time = verified.find((signature) => signature.time !== undefined)?.time ?? null;
      return { note: text, checkpoint: parseCheckpoint(note.body), time };
    } catch (error) {
      throw new LogBroken('malformed', 'what the log signed is no checkpoint', [text], error);
    }
  }

  #verify(text: string): { note: Note; verified: Verified[] } {
    let note: Note;
    try {
      note = parseNote(text);
    } catch (error) {
      throw new LogBroken('malformed', 'the server sent what is no signed note', [text], error);
    }
    try {
      const verified = verifyNote(note, this.#keys ?? []);
      if (verified.some(({ key }) => key.algorithm === 1)) return { note, verified };
    } catch (error) {
      throw new LogBroken('signature', 'a note is not signed by the keys that this client holds to', [text], error);
    }
    throw new LogBroken('signature', 'a note is signed by a witness, not by the log', [text]);
  }

  /**
   * When no key that this client holds to signed the note, the log may prove that one came after them. If it does not, the note is refused for its
   * signature later. @throws OutOfReach: then nothing is known
   */
  async #followKeys(text: string): Promise<void> {
    const held = this.#keys ?? [];
    const signers = signersOf(text);
    const isHeld = (key: VerifierKey) => signers.some(({ name, keyId }) => name === key.name && keyId === key.keyId);
    if (signers.length === 0 || held.some((key) => key.algorithm === 1 && isHeld(key))) return;
    try {
      const file = await this.#options.transport.text({ method: 'GET', path: `${this.#path}rotations` });
      const fresh = followRotations(held, parseRotations(file)).map(({ to }) => to);
      if (!fresh.some(isHeld)) return;
      this.#keys = [...held, ...fresh];
      this.#keyLines = [this.#keyLines.trimEnd(), ...fresh.map(formatVerifierKey)].join('\n');
    } catch (error) {
      if (!(error instanceof Failure || error instanceof RequestRefused)) throw error;
    }
  }

  /** The keys and the checkpoint of earlier runs; on the very first, the keys that the log names. */
  async #load(): Promise<void> {
    if (this.#keys !== null) return;
    const { book, memory, keys, transport } = this.#options;
    const kept = await memory.log(book);
    const lines =
      keys?.join('\n') ?? kept?.keys ?? (await transport.text({ method: 'GET', path: `${this.#path}vkeys` }));
    this.#keyLines = lines;
    this.#keys = lines
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseVerifierKey);
    if (kept === null) await memory.saveLog({ book, keys: lines, checkpoint: '' });
    else if (kept.checkpoint !== '') this.#newest = await this.#remember(kept.checkpoint);
  }

  async #remember(checkpoint: string): Promise<Seen> {
    try {
      await this.#followKeys(checkpoint);
      return this.#read(checkpoint);
    } catch (error) {
      this.#keys = null;
      throw error;
    }
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** Who says to have signed it; nobody when it is no note. */
function signersOf(text: string): Note['signatures'] {
  try {
    return parseNote(text).signatures;
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** The promised leaf hashes, side by side, each checked against the signed root. */
async function leavesOf(tree: TileTree, { first, last }: IntakePromise): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let n = Math.floor(first / tileWidth); n * tileWidth <= last; n += 1) {
    const tile = await tree.tile(0, n);
    parts.push(tile.subarray(Math.max(0, first - n * tileWidth) * 32, (last + 1 - n * tileWidth) * 32));
  }
  return concatBytes(...parts);
}
