/** The real thing with a clock of the test's own: both books, their logs, HTTP. It may lose its writer or restart at any time. */

import { setTimeout as sleep } from 'node:timers/promises';
import { RivuletClient } from '@rivulet/client';
import { Fault } from '#base/fault';
import { dropExpiredReturns, keepGivenSoFar, tallyDays } from '#domains/giving';
import { startTestServer, type TestServer } from '../support/server.ts';

export class World {
  readonly clock: { ms: number };
  readonly #first: TestServer;
  #server: TestServer;
  #submitted: () => void = () => {};

  private constructor(server: TestServer, clock: { ms: number }) {
    this.clock = clock;
    this.#first = server;
    this.#server = server;
    this.#listen();
  }

  static async open(startMs: number): Promise<World> {
    const clock = { ms: startMs };
    return new World(await startTestServer({ now: () => new Date(clock.ms) }), clock);
  }

  get client(): RivuletClient {
    const retry = { attempts: 100, firstDelayMs: 10, longestDelayMs: 50 };
    return new RivuletClient({ url: this.#server.url, key: this.#first.operatorKey, retry });
  }

  get url(): string {
    return this.#server.url;
  }

  get database(): TestServer['database'] {
    return this.#first.database;
  }

  /** Another process takes over, with nothing in memory. */
  async restart(): Promise<void> {
    await this.#server.stop();
    this.#server = await startTestServer({ beside: this.#first, now: () => new Date(this.clock.ms) });
    this.#listen();
  }

  /** Somebody takes the epoch: the next batch fails, and everything in memory is read again. */
  async fenceOut(): Promise<void> {
    await this.database.pool.query('update log.head set epoch = epoch + 1');
  }

  /** Returns when the database has let go of them: a commit under way would be carried out and its answer lost. */
  async endConnections(): Promise<void> {
    const { pool } = this.database;
    const writers = `from pg_stat_activity where application_name like 'rivulet writer %' and datname = current_database()`;
    const { rows } = await pool.query(`select pid, pg_terminate_backend(pid) ${writers}`);
    const left = `select pid from pg_stat_activity where pid = any($1)`;
    const ended = async () => (await pool.query(left, [rows.map(({ pid }) => pid)])).rows.length === 0;
    await eventually(ended);
  }

  async keepGivenSoFar(): Promise<void> {
    for (const { book } of this.#server.server.installation.books)
      await keepGivenSoFar(this.database.pool, book.bookId);
  }

  async tallyDays(): Promise<void> {
    const { installation } = this.#server.server;
    for (const held of installation.books)
      await untilTaken(() => tallyDays(installation, held, new Date(this.clock.ms)));
  }

  /** @returns how many were dropped, of each book */
  async dropExpired(): Promise<number[]> {
    const dropped: number[] = [];
    for (const held of this.#server.server.installation.books)
      dropped.push(await untilTaken(() => dropExpiredReturns(held, new Date(this.clock.ms))));
    return dropped;
  }

  /** Resolves once all that was accepted is published. */
  async published(): Promise<void> {
    for (const { log, writer } of this.#server.server.installation.books) {
      // None while it takes the lead again.
      await eventually(() => writer.state === 'leading' && writer.head() !== null);
      const head = writer.head() ?? 0;
      await eventually(() => (log.published()?.size ?? 0) >= head);
    }
  }

  /** Resolves when the writer of the live book is given work. */
  submission(): Promise<void> {
    return new Promise((resolve) => {
      this.#submitted = resolve;
    });
  }

  #listen(): void {
    const writer = this.#server.server.installation.books[0]?.writer;
    if (writer === undefined) return;
    const submit = writer.submit.bind(writer);
    writer.submit = (work) => {
      this.#submitted();
      return submit(work);
    };
  }
}

/** Again after each fault, as every sender does. */
async function untilTaken<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Fault) || tries === 200) throw error;
      await sleep(10);
    }
  }
}

async function eventually(holds: () => boolean | Promise<boolean>, patienceMs = 20_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await holds()); await sleep(5))
    if (Date.now() > end) throw new Error('it did not come to that');
}
