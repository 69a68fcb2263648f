/**
 * The one writer of a book. Work is collected, built synchronously on state in memory, written in one transaction that begins by moving the
 * head under its fence, and answered after the commit: so an index is also commit order, and an answer means durable.
 */
import { canonical } from '@rivulet/verifier';
import type { Client, ClientBase } from 'pg';
import { Bug } from '#base/assert';
import { Fault } from '#base/fault';
import { Batch } from './batch.ts';
import { type BookRow, type Head, takeEpoch, tryWriterLock } from './head-store.ts';
import { writeBatch } from './write-batch.ts';

/** What works of one sort share: their state in memory. */
export interface Family {
  readonly name: string;
  /**
   * Reads what `works` will need, once for all of them. Returns what makes it ready for them: called right before they are built, when the
   * batch before is durable. That batch may be committed while this reads, if its works overlap: what it changed must then win over what was read.
   */
  prepare?(works: readonly Work[], read: ClientBase): Promise<() => void>;
  /** Forgets everything and reads it again: at the start, and after any failure whose outcome is unknown. */
  load(read: ClientBase): Promise<void>;
}

export interface Work<R = unknown> {
  readonly family: Family;
  /** How much this is, in events; bounds a batch and the queue. */
  readonly size: number;
  /** Whether the next batch may be prepared while this is being written. */
  readonly overlaps?: boolean;
  /** Takes a batch of its own: it changes what other works of the same batch were prepared with. */
  readonly alone?: boolean;
  /** Synchronous, and must not touch shared state but through `batch.committed`. */
  build(batch: Batch): R;
}

export interface Receipt<R> {
  readonly result: R;
  /** Entries `first` … `next` - 1 are this work's; none when equal. */
  readonly first: number;
  readonly next: number;
  /** The committed batch that holds them. */
  readonly batch: Batch;
}

export interface WriterOptions {
  connect(): Promise<Client>;
  now?(): Date;
  maxBatch?: number;
  maxQueue?: number;
  /** A reason to refuse new work: the log is too far behind, or stopped. */
  pressure?(): Fault | null;
  /** We are wrong: the process should stop rather than build on an unknown state. */
  onBug?(error: unknown): void;
  /** The state of the writer changed; for telemetry. */
  onState?(state: WriterState, detail: string): void;
}

export type WriterState = 'standby' | 'leading' | 'stopped';

/** Works whose preparation is done. */
interface Ready {
  readonly works: Waiting[];
  readonly adopt: readonly (() => void)[];
}

interface Waiting {
  work: Work;
  resolve(receipt: Receipt<never>): void;
  reject(error: unknown): void;
}

const retryLeadMs = 250;
/** Fewer waiting events than this are better taken together with those that come while the batch before is written. */
const worthOverlapping = 500;
const secondMs = 1000;

export class Writer {
  readonly book: BookRow;
  state: WriterState = 'standby';
  readonly #options: Required<Pick<WriterOptions, 'now' | 'maxBatch' | 'maxQueue'>> & WriterOptions;
  readonly #families: Family[] = [];
  readonly #listeners: ((nextIndex: number) => void)[] = [];
  #queue: Waiting[] = [];
  #queued = 0;
  #client: Client | null = null;
  #reader: Client | null = null;
  #head: Head | null = null;
  #wake: () => void = () => {};
  #closing = false;
  #lost = false;
  /** So many of the next works are written one by one. */
  #alone = 0;
  #running: Promise<void> | null = null;

  constructor(book: BookRow, options: WriterOptions) {
    this.book = book;
    this.#options = { now: () => new Date(), maxBatch: 20_000, maxQueue: 60_000, ...options };
  }

  /** Families load in the order in which they were registered. */
  register(family: Family): void {
    this.#families.push(family);
  }

  /** Calls `fn` after each commit, with the committed head. */
  onCommit(fn: (nextIndex: number) => void): void {
    this.#listeners.push(fn);
  }

  /** The committed head as this writer knows it, or null while it does not lead. */
  head(): number | null {
    return this.#head?.nextIndex ?? null;
  }

  get queued(): number {
    return this.#queued;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no new work, writes what was accepted, lets go of the book. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
    await this.#release();
    this.#set('stopped', 'closed');
  }

  /**
   * Submits work; the promise resolves once its transaction is durable.
   * @throws Fault `not_the_writer`, `busy`, `database_away`, or what `pressure` answers; the same work may be sent again
   */
  submit<R>(work: Work<R>): Promise<Receipt<R>> {
    const refused = this.#refusal(work);
    if (refused) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as Waiting['resolve'], reject });
      this.#queued += work.size;
      this.#wake();
    });
  }

  #refusal(work: Work): Fault | null {
    if (this.state === 'stopped' || this.#closing) return new Fault('stopping', 'the book is closing');
    if (this.state !== 'leading') return new Fault('not_the_writer', 'this process is not the writer of the book');
    if (this.#queued > 0 && this.#queued + work.size > this.#options.maxQueue)
      return new Fault('busy', 'the queue is full', { retryAfterSeconds: 1 });
    return this.#options.pressure?.() ?? null;
  }

  async #run(): Promise<void> {
    let ready: Ready | null = null;
    while (!(this.#closing && this.#queue.length === 0 && ready === null)) {
      if (this.state !== 'leading' && !(await this.#lead())) {
        this.#fail(this.#takeAll(), new Fault('not_the_writer', 'this process is not the writer of the book'));
        if (this.#closing) break;
        await this.#pause(retryLeadMs);
        continue;
      }
      if (ready === null && this.#lost) {
        await this.#release();
        this.#set('standby', 'the connection was lost');
      } else if (ready === null && this.#queue.length === 0) await this.#pause(60 * secondMs);
      else ready = await this.#settle(ready ?? this.#take());
    }
    this.#fail(this.#takeAll(), new Fault('stopping', 'the book is closing'));
  }

  /** Waits for work, or for `ms` at most. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.state === 'leading' && (this.#queue.length > 0 || this.#closing)) this.#wake();
    });
  }

  #take(): Waiting[] {
    const most = this.#alone > 0 ? 1 : this.#options.maxBatch;
    this.#alone = Math.max(0, this.#alone - 1);
    let size = 0;
    let count = 0;
    for (const { work } of this.#queue) {
      if (count > 0 && (work.alone || size + work.size > most)) break;
      size += work.size;
      count++;
      if (work.alone) break;
    }
    this.#queued -= size;
    return this.#queue.splice(0, count);
  }

  #takeAll(): Waiting[] {
    this.#queued = 0;
    return this.#queue.splice(0);
  }

  /** Writes one batch, and prepares the next meanwhile. Returns the next if it is ready. */
  async #settle(first: Ready | Waiting[]): Promise<Ready | null> {
    const works = Array.isArray(first) ? first : first.works;
    let next: Promise<Ready | null> = Promise.resolve(null);
    try {
      const ready = Array.isArray(first) ? await this.#prepare(works, this.#client as Client) : first;
      const written = this.#commit(ready);
      next = this.#prepareNext(works);
      await written;
      return await next;
    } catch (error) {
      // What was prepared meanwhile rests on state that is about to be read again.
      this.#putBack(await next);
      await this.#again(error, works).catch((final: unknown) => this.#recover(final, works));
      return null;
    }
  }

  async #prepare(works: Waiting[], read: Client): Promise<Ready> {
    const adopt: (() => void)[] = [];
    for (const family of this.#families) {
      const own = works.filter(({ work }) => work.family === family).map(({ work }) => work);
      if (own.length > 0 && family.prepare) adopt.push(await family.prepare(own, read));
    }
    return { works, adopt };
  }

  /** On a connection of its own, so that it runs beside the write. A failure here costs nothing: the works are prepared again in their turn. */
  async #prepareNext(writing: readonly Waiting[]): Promise<Ready | null> {
    if (this.#queued < worthOverlapping || !writing.every(({ work }) => work.overlaps)) return null;
    const works = this.#take();
    try {
      this.#reader ??= await this.#connect();
      return await this.#prepare(works, this.#reader);
    } catch {
      this.#putBack({ works, adopt: [] });
      return null;
    }
  }

  #putBack(ready: Ready | null): void {
    if (ready === null) return;
    this.#queue.unshift(...ready.works);
    for (const { work } of ready.works) this.#queued += work.size;
  }

  /**
   * Two failures say nothing about the world. The unique key is the backstop of exactly once: when it speaks, what is in memory was behind, so
   * all is read and built again, once. A value that the database cannot hold came from one of the works: each then goes alone, and fails alone.
   */
  async #again(error: unknown, works: Waiting[]): Promise<void> {
    const code = codeOf(error) ?? '';
    if (code === '23505') {
      await this.#loadFamilies();
      await this.#commit(await this.#prepare(works, this.#client as Client));
    } else if (code.startsWith('22') && works.length > 1) {
      await this.#loadFamilies();
      this.#putBack({ works, adopt: [] });
      this.#alone = works.length;
    } else if (code.startsWith('22')) {
      await this.#loadFamilies();
      this.#fail(works, error);
    } else throw error;
  }

  async #commit({ works, adopt }: Ready): Promise<void> {
    const head = this.#head as Head;
    for (const ready of adopt) ready();
    const batch = this.#newBatch(head);
    const receipts = works.map(({ work }) => build(work, batch));
    if (!batch.isEmpty) {
      const next = { ...head, nextIndex: batch.first + batch.size, lastTick: batch.acceptedAt };
      await writeBatch(this.#client as Client, batch, head, next);
      this.#head = next;
      batch.runCommitted();
      for (const listener of this.#listeners) listener(next.nextIndex);
    }
    works.forEach(({ resolve }, i) => {
      resolve(receipts[i] as Receipt<never>);
    });
  }

  #newBatch(head: Head): Batch {
    const now = new Date(Math.max(this.#options.now().getTime(), head.lastTick.getTime()));
    const second = (date: Date) => Math.floor(date.getTime() / secondMs);
    const due = second(now) > second(head.lastTick);
    const tick = canonical({ kind: 'log.tick', time: now.toISOString().replace(/\.\d+Z$/, 'Z') });
    const batch = new Batch(this.book.bookId, head.nextIndex, now, due && head.nextIndex > 0 ? tick : null);
    if (head.nextIndex === 0) {
      const { book, origin, purpose } = this.book;
      batch.append(canonical({ kind: 'log.open', format: 1, book, origin, purpose }));
      batch.append(tick);
    }
    return batch;
  }

  async #lead(): Promise<boolean> {
    try {
      this.#client ??= await this.#connect();
      const client = this.#client;
      if (!(await tryWriterLock(client, this.book.bookId))) {
        this.#set('standby', 'another process writes this book');
        return false;
      }
      this.#head = await takeEpoch(client, this.book.bookId);
      await this.#loadFamilies();
      this.#set('leading', `epoch ${this.#head.epoch}`);
      return true;
    } catch (error) {
      await this.#release();
      if (isOurs(error)) this.#halt(error);
      this.#set(this.state === 'stopped' ? 'stopped' : 'standby', String(error));
      return false;
    }
  }

  async #connect(): Promise<Client> {
    const client = await this.#options.connect();
    client.on('error', () => {
      this.#lost = true;
      this.#wake();
    });
    return client;
  }

  async #loadFamilies(): Promise<void> {
    for (const family of this.#families) await family.load(this.#client as Client);
  }

  /** After any failure nothing in memory is trusted: the connection is dropped, the head and all state are read again under a new epoch. */
  async #recover(error: unknown, works: Waiting[]): Promise<void> {
    await this.#release();
    this.#set('standby', String(error));
    if (isOurs(error)) this.#halt(error);
    const fault =
      error instanceof Fault ? error : new Fault('database_away', 'the database did not confirm', { cause: error });
    this.#fail(works, isOurs(error) ? error : fault);
  }

  #halt(error: unknown): void {
    this.#closing = true;
    this.#set('stopped', String(error));
    this.#options.onBug?.(error);
  }

  #fail(works: Waiting[], error: unknown): void {
    for (const { reject } of works) reject(error);
  }

  async #release(): Promise<void> {
    const clients = [this.#client, this.#reader];
    this.#client = null;
    this.#reader = null;
    this.#head = null;
    this.#lost = false;
    await Promise.all(clients.map((client) => client?.end().catch(() => {})));
  }

  #set(state: WriterState, detail: string): void {
    if (state === this.state) return;
    this.state = state;
    this.#options.onState?.(state, detail);
  }
}

function build(work: Work, batch: Batch): Receipt<unknown> {
  const first = batch.first + batch.size;
  const result = work.build(batch);
  return { result, first, next: batch.first + batch.size, batch };
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** A failure of our own code, not of the world: anything but a Fault, a database error or a lost connection. */
function isOurs(error: unknown): boolean {
  if (error instanceof Bug) return true;
  if (error instanceof Fault) return false;
  const code = codeOf(error);
  if (code === undefined) return error instanceof TypeError || error instanceof RangeError;
  return /^(23001|23502|23514|42)/.test(code);
}
