/**
 * The one writer of a book. Work is collected, built synchronously on state in memory, written in one transaction that begins by moving the
 * head under its fence, and answered after the commit: so an index is also commit order, and an answer means durable.
 */
import { canonical } from '@rivulet/verifier';
import type { Client } from 'pg';
import { Fault } from '#base/fault';
import { Batch } from './batch.ts';
import { type BookRow, type Head, takeEpoch, tryWriterLock } from './head-store.ts';
import type { Family, Receipt, Work } from './work.ts';
import { type Waiting, WorkQueue } from './work-queue.ts';
import { codeOf, isOurs, writeBatch } from './write-batch.ts';

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

/** A batch that is ready to be written, and where the head goes by it. */
interface Built {
  readonly works: Waiting[];
  readonly batch: Batch;
  readonly receipts: readonly Receipt<unknown>[];
  readonly before: Head;
  readonly after: Head;
}

/** A batch that is being written. `landed` is null when it is durable, else what went wrong. */
interface Flight {
  readonly built: Built;
  readonly landed: Promise<unknown>;
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
  readonly #listeners: ((batch: Batch) => void)[] = [];
  readonly #queue = new WorkQueue();
  #client: Client | null = null;
  #reader: Client | null = null;
  /** Where the next batch begins: beyond the committed head while a batch is flying. */
  #head: Head | null = null;
  #committed: number | null = null;
  /** The last one taken, by this writer. */
  #epoch = Number.NaN;
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

  /** Calls `fn` after each commit, with the batch; its entries are there only during the call. */
  onCommit(fn: (batch: Batch) => void): void {
    this.#listeners.push(fn);
  }

  /** The committed head as this writer knows it, or null while it does not lead. */
  head(): number | null {
    return this.#committed;
  }

  /** Events that wait. */
  get queued(): number {
    return this.#queue.events;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no new work, writes what was accepted, lets go of the book. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
    for (const family of this.#families) family.stop?.();
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
      this.#wake();
    });
  }

  #refusal(work: Work): Fault | null {
    if (this.state === 'stopped' || this.#closing) return new Fault('stopping', 'the book is closing');
    if (this.state !== 'leading') return new Fault('not_the_writer', 'this process is not the writer of the book');
    if (this.queued > 0 && this.queued + work.size > this.#options.maxQueue)
      return new Fault('busy', 'the queue is full', { retryAfterSeconds: 1 });
    return this.#options.pressure?.() ?? null;
  }

  /** While one batch is written the next is prepared and built on top of it; should the one fail, the other is built again. */
  async #run(): Promise<void> {
    let flying: Flight | null = null;
    while (!(this.#closing && this.#queue.isEmpty && flying === null)) {
      if (flying === null && !(await this.#isReady())) {
        if (this.#closing && this.state !== 'leading') break;
        continue;
      }
      if (flying !== null && !this.#mayBuild(flying)) await Promise.race([flying.landed, this.#enough()]);
      const built: Built | null = this.#mayBuild(flying) ? await this.#build(flying) : null;
      if (flying !== null) {
        const error = await flying.landed;
        const { works } = flying.built;
        flying = null;
        if (error !== null) {
          this.#queue.putBack(built?.works ?? []);
          await this.#again(error, works);
          continue;
        }
      }
      if (built !== null) flying = this.#takeOff(built);
    }
    this.#fail(this.#queue.takeAll(), new Fault('stopping', 'the book is closing'));
  }

  /** Whether this writer leads and there is work. Takes the lead when it is free, waits a while otherwise. */
  async #isReady(): Promise<boolean> {
    // Work that comes meanwhile waits: only if the lead is not to be had again is it refused.
    if (this.#lost) await this.#release();
    if ((this.state !== 'leading' || this.#client === null) && !(await this.#lead())) {
      this.#fail(this.#queue.takeAll(), new Fault('not_the_writer', 'this process is not the writer of the book'));
      if (!this.#closing) await this.#pause(retryLeadMs);
      return false;
    }
    if (this.#queue.isEmpty) await this.#pause(60 * secondMs);
    return !this.#queue.isEmpty;
  }

  #mayBuild(flying: Flight | null): boolean {
    if (flying === null) return true;
    return this.queued >= worthOverlapping && flying.built.works.every(({ work }) => work.overlaps);
  }

  /** Resolves once so much waits that it is worth building beside the batch that is being written. */
  #enough(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        if (this.queued >= worthOverlapping) resolve();
      };
    });
  }

  /** Waits for work, or for `ms` at most. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.state === 'leading' && (!this.#queue.isEmpty || this.#closing)) this.#wake();
    });
  }

  #take(): Waiting[] {
    const most = this.#alone > 0 ? 1 : this.#options.maxBatch;
    this.#alone = Math.max(0, this.#alone - 1);
    return this.#queue.take(most);
  }

  /**
   * Prepares and builds the next batch. Null when that failed: beside a flying batch the works then wait for their turn, otherwise they were
   * answered.
   */
  async #build(flying: Flight | null): Promise<Built | null> {
    const works = this.#take();
    try {
      if (flying !== null) this.#reader ??= await this.#connect();
      return await this.#buildOn(works, (flying === null ? this.#client : this.#reader) as Client);
    } catch (error) {
      if (flying !== null) this.#queue.putBack(works);
      else await this.#again(error, works);
      return null;
    }
  }

  async #buildOn(works: Waiting[], read: Client): Promise<Built> {
    const adopt: (() => void)[] = [];
    for (const family of this.#families) {
      const own = works.filter(({ work }) => work.family === family).map(({ work }) => work);
      if (own.length > 0 && family.prepare) adopt.push(await family.prepare(own, read));
    }
    for (const ready of adopt) ready();
    const before = this.#head as Head;
    const batch = this.#newBatch(before);
    const receipts = works.map(({ work }) => build(work, batch));
    // A batch of steps alone says no tick, so the next one with entries still owes it.
    const after =
      batch.size === 0 ? before : { ...before, nextIndex: batch.first + batch.size, lastTick: batch.acceptedAt };
    this.#head = after;
    batch.runBuilt();
    // Packing goes on in other threads while the batch before is written. Should it fail, so does the write.
    batch.copies().catch(() => {});
    return { works, batch, receipts, before, after };
  }

  #takeOff(built: Built): Flight {
    const landed = this.#write(built).then(
      () => null,
      (error: unknown) => error ?? new Fault('database_away', 'the write failed'),
    );
    return { built, landed };
  }

  async #write({ works, batch, receipts, before, after }: Built): Promise<void> {
    if (!batch.isEmpty) {
      await writeBatch(this.#client as Client, batch, before, after);
      this.#committed = after.nextIndex;
      batch.runCommitted();
      for (const listener of this.#listeners) listener(batch);
      batch.release();
    }
    works.forEach(({ resolve }, i) => {
      resolve(receipts[i] as Receipt<never>);
    });
  }

  /**
   * Two failures say nothing about the world. The unique key is the backstop of exactly once: when it speaks, what is in memory was behind, so
   * all is read and built again, once. A value that the database cannot hold came from one of the works: each then goes alone, and fails alone.
   */
  async #again(error: unknown, works: Waiting[]): Promise<void> {
    const code = codeOf(error) ?? '';
    try {
      if (code === '23505') {
        await this.#reload();
        await this.#write(await this.#buildOn(works, this.#client as Client));
      } else if (code.startsWith('22') && works.length > 1) {
        await this.#reload();
        this.#queue.putBack(works);
        this.#alone = works.length;
      } else if (code.startsWith('22')) {
        await this.#reload();
        this.#fail(works, error);
      } else throw error;
    } catch (final) {
      await this.#recover(final, works);
    }
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
      await this.#reload();
      this.#set('leading', 'this process writes the book');
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
      // Reading ahead is a convenience: without it the next batch is read for in its turn.
      if (client === this.#reader) this.#reader = null;
      else if (client === this.#client) {
        this.#lost = true;
        this.#wake();
      }
    });
    return client;
  }

  /** Reads the head under a new epoch, and all state. */
  async #reload(): Promise<void> {
    const before = this.#epoch;
    this.#head = await takeEpoch(this.#client as Client, this.book.bookId);
    this.#epoch = this.#head.epoch;
    this.#committed = this.#head.nextIndex;
    for (const family of this.#families) await family.load(this.#client as Client, this.#epoch === before + 1);
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
    this.#committed = null;
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
