/** Runs integration for as long as the process lives: woken after commits, else looking twice a second; paused while the world fails, stopped when the book must. */
import { performance } from 'node:perf_hooks';
import { Bug } from '#base/assert';
import { Fault } from '#base/fault';
import { LogStopped } from '../log-files.ts';
import type { Integrator, Pass } from './integrate.ts';

/**
 * `standby`: another process integrates this book. `paused`: the world fails, we go on by ourselves when it no longer does.
 * `stopped`: a person must look; nothing is signed until the next start.
 */
export type Condition = 'starting' | 'following' | 'standby' | 'paused' | 'stopped';

/** How integration stands. Plain data: it crosses threads. */
export interface IntegrationState {
  readonly condition: Condition;
  /** Machine word of a pause or stop, for example `tile_store_full` or `outside_ahead`. */
  readonly reason: string | null;
  /** In words, naming the file, row or command. */
  readonly detail: string | null;
  readonly size: number;
  /** Committed head when integration last looked. */
  readonly head: number;
  /** Milliseconds since 1970 of the last signature, 0 for none. */
  readonly signedAt: number;
  /** Since this process started. */
  readonly passes: number;
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
  readonly failures: number;
  readonly lastPassMs: number;
}

export interface FollowOptions {
  readonly integrator: Integrator;
  /** Passes begin at least so far apart, so that many small batches share one; 0 to go as fast as possible. */
  readonly minIntervalMs?: number;
  /** How long it waits for a wake before it looks by itself. */
  readonly pollMs?: number;
  /** A checkpoint was published, new or renewed. */
  onPublished(checkpoint: { size: number; note: string }): void;
  /** Called when anything in the state but its counters changed, and after each pass that did something. */
  onState(state: IntegrationState): void;
  /** The published checkpoint while another process integrates; `signedAt` in milliseconds since 1970. */
  readPublished?(): Promise<{ size: number; note: string; signedAt: number } | null>;
}

const firstRetryMs = 250;
const lastRetryMs = 2000;

export const notStarted: IntegrationState = {
  condition: 'starting',
  reason: null,
  detail: null,
  size: 0,
  head: 0,
  signedAt: 0,
  passes: 0,
  entries: 0,
  files: 0,
  bytes: 0,
  failures: 0,
  lastPassMs: 0,
};

export class IntegrationLoop {
  state: IntegrationState = notStarted;
  readonly #options: Required<Pick<FollowOptions, 'minIntervalMs' | 'pollMs'>> & FollowOptions;
  #note: string | null = null;
  #retryMs = firstRetryMs;
  #woken = false;
  #wake: () => void = () => {};
  #closing = false;
  #running: Promise<void> | null = null;

  constructor(options: FollowOptions) {
    this.#options = { minIntervalMs: 200, pollMs: 500, ...options };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that something was committed. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** One last pass, so that a clean stop leaves nothing behind, then lets go. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.wake();
    await this.#running;
    if (this.state.condition === 'following') await this.#pass();
    await this.#options.integrator.close();
  }

  async #run(): Promise<void> {
    while (!this.#closing && this.state.condition !== 'stopped') {
      const begun = performance.now();
      this.#woken = false;
      const more = await this.#pass();
      if (this.#closing) break;
      const { minIntervalMs } = this.#options;
      if (this.state.condition === 'paused') await this.#sleep(this.#retryMs, false);
      else if (!more) await this.#sleep(this.#options.pollMs, true);
      // A backlog is worked off without pause; a wake waits for the interval, so that it takes its neighbours along.
      if (!more) await this.#sleep(begun + minIntervalMs - performance.now(), false);
    }
  }

  /** Whether there is more to do at once. */
  async #pass(): Promise<boolean> {
    const begun = performance.now();
    try {
      const pass = await this.#options.integrator.pass();
      this.#retryMs = firstRetryMs;
      if (pass === null) await this.#standBy();
      else this.#done(pass, performance.now() - begun);
      return pass !== null && pass.size < pass.head;
    } catch (error) {
      this.#failed(error);
      if (error instanceof LogStopped && error.reason === 'closed' && error.names === 'log.head')
        await this.#showLast();
      return false;
    }
  }

  #done(pass: Pass, ms: number): void {
    const did = pass.files > 0 || pass.note !== this.#note;
    const was = this.state.condition;
    const { passes, entries, files, bytes } = this.state;
    this.state = {
      ...this.state,
      condition: 'following',
      reason: null,
      detail: null,
      size: pass.size,
      head: Math.max(pass.head, pass.size),
      signedAt: pass.signedAt.getTime(),
      passes: passes + 1,
      entries: entries + pass.entries,
      files: files + pass.files,
      bytes: bytes + pass.bytes,
      lastPassMs: did ? ms : this.state.lastPassMs,
    };
    if (did || was !== 'following') this.#options.onState(this.state);
    this.#publish(pass);
  }

  #publish({ size, note }: { size: number; note: string }): void {
    if (note === this.#note) return;
    this.#note = note;
    this.#options.onPublished({ size, note });
  }

  async #standBy(): Promise<void> {
    const published = (await this.#options.readPublished?.()) ?? null;
    const detail = 'another process integrates this book';
    const { size, signedAt } = published ?? this.state;
    if (this.state.condition !== 'standby' || this.state.signedAt !== signedAt)
      this.#set({ condition: 'standby', reason: 'elsewhere', detail, size, signedAt });
    if (published !== null) this.#publish(published);
  }

  /** A closed book is read as it ended. */
  async #showLast(): Promise<void> {
    const published = await this.#options.readPublished?.().catch(() => null);
    if (published) this.#publish(published);
  }

  #failed(error: unknown): void {
    const failures = this.state.failures + 1;
    if (error instanceof LogStopped) {
      this.#set({ condition: 'stopped', reason: error.reason, detail: error.message, failures });
    } else if (isOurs(error)) {
      this.#set({ condition: 'stopped', reason: 'bug', detail: String(error), failures });
    } else {
      this.#retryMs = this.state.condition === 'paused' ? Math.min(this.#retryMs * 2, lastRetryMs) : firstRetryMs;
      const reason = error instanceof Fault ? error.code : 'database_away';
      this.#set({ condition: 'paused', reason, detail: wordsOf(error), failures });
    }
  }

  #set(change: Partial<IntegrationState>): void {
    this.state = { ...this.state, ...change };
    this.#options.onState(this.state);
  }

  /** @param wakes whether a wake, one already given included, ends it */
  async #sleep(ms: number, wakes: boolean): Promise<void> {
    if (ms <= 0 || this.#closing || (wakes && this.#woken)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!wakes && !this.#closing) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A mistake of ours rather than of the world. */
function isOurs(error: unknown): boolean {
  return error instanceof Bug || error instanceof TypeError || error instanceof RangeError;
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error instanceof Error ? error.message : String(error);
}
