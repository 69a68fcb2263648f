/** A book's log as the rest of the process sees it: what is published, proofs, signatures, how far behind. Integration runs in a thread of its own. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { formatVerifierKey, NoteError, parseCheckpoint, type Rotation } from '@rivulet/verifier';
import type pg from 'pg';
import { Fault } from '#base/fault';
import {
  type Answer,
  answersOf,
  Backlog,
  type BacklogBounds,
  type Batch,
  type Behind,
  type BookRow,
  ensureLogKeys,
  type IntegrationState,
  type LoadedKeys,
  loadLogKeys,
  notStarted,
  type ProvedEntries,
  Prover,
  type PublishedCheckpoint,
  signNote,
} from '#books/log';
import { Closes } from './close/closes.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './integration-worker.ts';
import type { ServedLog } from './serve-log.ts';
import { placesOf, TileFolder } from './tile-folder.ts';

export interface BookLogOptions extends Omit<WorkerSettings, 'secrets'> {
  /** Folder of the keys, default `secrets` in the data folder. */
  readonly secrets?: string;
  readonly bounds?: BacklogBounds;
  /** The log stopped for good: until a person has looked and started again, nothing is signed or accepted. */
  onStopped?(state: IntegrationState): void;
  /** Condition or reason changed; for telemetry. */
  onState?(state: IntegrationState): void;
}

type Listener = (checkpoint: PublishedCheckpoint) => void;

export class BookLog {
  readonly book: BookRow;
  readonly files: TileFolder;
  readonly folder: string;
  readonly closes: Closes;
  state: IntegrationState = notStarted;
  readonly #options: BookLogOptions;
  readonly #settings: WorkerSettings;
  readonly #backlog: Backlog;
  readonly #prover: Prover;
  readonly #listeners = new Set<Listener>();
  #loaded: LoadedKeys;
  #published: PublishedCheckpoint | null = null;
  /** What was published before, of a log that stopped before it could look: files for mirrors and auditors, no ground for answers of ours. */
  #left: PublishedCheckpoint | null = null;
  #checked = false;
  #worker: Worker | null = null;
  #waiting: { size: number; resolve(): void; reject(error: Fault): void }[] = [];
  #answers = new Map<FromWorker['say'], () => void>();
  #stopping = false;

  private constructor(options: BookLogOptions, secrets: string, loaded: LoadedKeys) {
    const { book, dataFolder, address, minIntervalMs, renewMs, keepBatchesMs } = options;
    const { folder, guardPath } = placesOf(dataFolder, book.book);
    this.book = book;
    this.folder = folder;
    this.closes = new Closes(folder);
    this.files = new TileFolder(folder, guardPath);
    this.#options = options;
    this.#settings = {
      book,
      dataFolder,
      secrets,
      address,
      ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
      ...(renewMs === undefined ? {} : { renewMs }),
      ...(keepBatchesMs === undefined ? {} : { keepBatchesMs }),
    };
    this.#loaded = loaded;
    this.#backlog = new Backlog(options.bounds);
    this.#prover = new Prover(this.files, () => this.#published);
  }

  /**
   * Opens the log of a book whose head exists, making its keys at the very first start, and begins to integrate.
   * @throws Fault `key_missing`, `key_permissions`, `bad_key`
   */
  static async open(client: pg.ClientBase, options: BookLogOptions): Promise<BookLog> {
    const secrets = options.secrets ?? join(options.dataFolder, 'secrets');
    const { folder, guardPath } = placesOf(options.dataFolder, options.book.book);
    const loaded = await ensureLogKeys(client, secrets, options.book, new TileFolder(folder, guardPath));
    const log = new BookLog(options, secrets, loaded);
    log.#start();
    return log;
  }

  /** The newest published checkpoint, or null before the first. */
  published(): PublishedCheckpoint | null {
    return this.#published;
  }

  /** The log's files as the world knows them, also when the log has stopped. */
  get served(): ServedLog {
    const { book, files } = this;
    return {
      book,
      files,
      vkeys: () => this.vkeys(),
      rotations: () => this.rotations(),
      published: () => this.#published ?? this.#left,
    };
  }

  /** Calls `fn` with each checkpoint published from now on, renewed ones too. Returns how to stop that. */
  onPublished(fn: Listener): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /** Resolves once a published checkpoint covers `size` entries. @throws Fault `log_stopped` when the log stops or is closed before */
  async waitFor(size: number): Promise<void> {
    if ((this.#published?.size ?? 0) >= size) return;
    if (this.#worker === null || this.state.condition === 'stopped') throw stopped();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ size, resolve, reject });
    });
  }

  /** Says that the writer has committed a batch, and hands it over. */
  committed(batch: Batch): void {
    this.#backlog.committed(batch.first + batch.size, Date.now());
    if (batch.size === 0) {
      this.#send('wake');
      return;
    }
    // A copy: the batch's own memory is used again at once.
    const entries = Uint8Array.from(batch.framed());
    const { first, acceptedAt } = batch;
    const message: ToWorker = { say: 'committed', first, next: first + batch.size, acceptedAt, entries };
    this.#worker?.postMessage(message, [entries.buffer]);
  }

  /** Says that somebody has committed up to `head`. */
  wake(head: number): void {
    this.#backlog.committed(head, Date.now());
    this.#send('wake');
  }

  /** Why nothing more should be accepted now, or null: `log_starting`, `log_behind`, `log_stopped`. */
  pressure(): Fault | null {
    return this.#backlog.pressure(this.state, this.#checked, Date.now());
  }

  behind(): Behind {
    return this.#backlog.behind(Date.now());
  }

  /** Seconds since the last signature as of now, or null before the first. */
  signedSecondsAgo(): number | null {
    return this.state.signedAt === 0 ? null : Math.max(0, (Date.now() - this.state.signedAt) / 1000);
  }

  /** For /metrics, to be labelled with the book. */
  answers(): Answer[] {
    return answersOf(this.state, this.behind(), Date.now());
  }

  /** Entries proved in the newest checkpoint, whose key came by these rotations. @throws Fault `not_published`, `log_damaged` */
  async prove(indices: readonly number[]): Promise<ProvedEntries & { rotations: readonly Rotation[] }> {
    return { ...(await this.#prover.prove(indices)), rotations: this.rotations() };
  }

  /** Proof that the tree of `size` begins the published one. @throws Fault `not_published`, `log_damaged` */
  consistency(size: number): Promise<{ path: Uint8Array[]; checkpoint: string }> {
    return this.#prover.consistency(size);
  }

  /** A signed note of this body by the log's key: a promise. @throws Fault `log_stopped`: a stopped book signs nothing */
  sign(body: string): string {
    if (this.state.condition === 'stopped') throw stopped();
    return signNote(body, this.#loaded.keys.log);
  }

  /** The verifier keys as text, a line each: the log's, its witness's, and those that signed before a rotation: old proofs need them. */
  vkeys(): string {
    const { keys, retired } = this.#loaded;
    const lines = [
      keys.log.vkey,
      ...(keys.witness === null ? [] : [keys.witness.vkey]),
      ...retired.map(formatVerifierKey),
    ];
    return lines.map((line) => `${line}\n`).join('');
  }

  /** How the log's key changed, oldest first, each proved under the key before. */
  rotations(): readonly Rotation[] {
    return this.#loaded.rotations;
  }

  /** Reads the keys again after a rotation; resolves once the thread signs with them. */
  async reloadKeys(): Promise<void> {
    this.#loaded = await loadLogKeys(this.#settings.secrets, this.book);
    await this.#ask('reload', 'reloaded');
  }

  /** Integrates what is committed, then ends the thread. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const worker = this.#worker;
    if (worker === null) return;
    await this.#ask('stop', 'stopped');
    await worker.terminate();
  }

  #start(): void {
    const worker = new Worker(new URL('./integration-worker.ts', import.meta.url), { workerData: this.#settings });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#hear(message));
    worker.on('error', (error) => this.#lost(error));
    worker.on('exit', () => this.#lost(new Error('the integration thread ended')));
  }

  #hear(message: FromWorker): void {
    if (message.say === 'published') {
      this.#published = { size: message.size, note: message.note };
      this.#backlog.published(message.size);
      for (const listener of this.#listeners) listener(this.#published);
      this.#waiting = this.#waiting.filter((waiter) => {
        if (waiter.size > message.size) return true;
        waiter.resolve();
        return false;
      });
    } else if (message.say === 'state') this.#stand(message.state);
    this.#answers.get(message.say)?.();
  }

  #stand(state: IntegrationState): void {
    const changed = state.condition !== this.state.condition || state.reason !== this.state.reason;
    this.state = state;
    if (state.condition === 'following' || state.condition === 'standby') this.#checked = true;
    this.#backlog.committed(state.head, Date.now());
    if (changed) this.#options.onState?.(state);
    if (state.condition === 'stopped') {
      this.#giveUp();
      void this.#readLeft();
    }
    if (changed && state.condition === 'stopped') this.#options.onStopped?.(state);
  }

  async #readLeft(): Promise<void> {
    const note = await this.files.published().catch(() => null);
    if (note !== null && this.#left === null) this.#left = checkpointIn(note);
  }

  /** The thread ends by itself only when we are wrong. */
  #lost(error: unknown): void {
    this.#worker = null;
    for (const answer of this.#answers.values()) answer();
    this.#giveUp();
    if (!this.#stopping) this.#stand({ ...this.state, condition: 'stopped', reason: 'bug', detail: String(error) });
  }

  #giveUp(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(stopped());
  }

  #send(say: 'wake' | 'reload' | 'stop'): void {
    this.#worker?.postMessage({ say } satisfies ToWorker);
  }

  #ask(say: 'reload' | 'stop', answer: FromWorker['say']): Promise<void> {
    return new Promise((resolve) => {
      if (this.#worker === null) return resolve();
      this.#answers.set(answer, () => {
        this.#answers.delete(answer);
        resolve();
      });
      this.#send(say);
    });
  }
}

function stopped(): Fault {
  return new Fault('log_stopped', 'the log has stopped', { retryAfterSeconds: 60 });
}

/** Null when the file is no checkpoint: a damaged one is nobody's. */
function checkpointIn(note: string): PublishedCheckpoint | null {
  try {
    return { size: parseCheckpoint(note).size, note };
  } catch (error) {
    if (error instanceof NoteError) return null;
    throw error;
  }
}
