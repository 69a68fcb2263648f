/** A server of the bench's own, with an empty data folder, and everything that a measurement asks of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RivuletClient } from '@rivulet/client';
import pg from 'pg';
import { type Cluster, startCluster } from '#edge/postgres';
import { type Server, startServer } from '../../client/src/replay/server.ts';
import { freePort } from '../../test/support/free-port.ts';
import { Counts } from '../load/answers.ts';
import type { Target } from '../load/connection.ts';
import type { Pids } from '../machine/cpu.ts';
import { type Environment, environmentOf } from '../machine/environment.ts';
import { AuditFailed, audits, runNode } from './audits.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');

export class Stand {
  /** All answers so far: what the public totals must come to. */
  readonly sums = new Counts();
  readonly data: string;
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  #server: Server | null = null;
  #cluster: Cluster | null = null;
  #database: pg.Client | null = null;
  #key = '';

  private constructor(data: string, port: number) {
    this.data = data;
    this.url = `http://127.0.0.1:${port}`;
    // One key and one address send everything here: the limits that protect a server of many are out of the way.
    const many = { RIVULET_REQUESTS_PER_KEY: '1000000', RIVULET_REQUESTS_PER_ADDRESS: '1000000' };
    this.environment = { ...process.env, RIVULET_DATA: data, PORT: String(port), ...many };
    delete this.environment.DATABASE_URL;
  }

  static async open(): Promise<Stand> {
    const stand = new Stand(await mkdtemp(join(tmpdir(), 'rivulet-bench-')), await freePort());
    try {
      await stand.#start();
      const command = [main, 'key', 'new', '--operator', '--ttl', String(7 * 86_400), '--label', 'bench'];
      const { stdout } = await runNode(command, stand.environment);
      stand.#key = /rvk_[0-9a-z]+_[0-9a-z]+/.exec(stdout)?.[0] ?? '';
      return stand;
    } catch (error) {
      await stand.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    this.#server = await startServer(this.url, this.environment);
    this.#cluster = await startCluster({ folder: join(this.data, 'postgres') });
    this.#database = new pg.Client(this.#cluster.address('superuser', 'rivulet'));
    await this.#database.connect();
  }

  /** Stops the server and its PostgreSQL, and starts both. @returns seconds each took; `start` until the server is healthy */
  async restart(): Promise<{ stop: number; start: number }> {
    const began = performance.now();
    await this.#database?.end();
    this.#database = null;
    await this.#server?.stop();
    const stopped = performance.now();
    await this.#start();
    return { stop: (stopped - began) / 1_000, start: (performance.now() - stopped) / 1_000 };
  }

  get target(): Target {
    return { url: new URL(this.url), key: this.#key };
  }

  get client(): RivuletClient {
    return new RivuletClient({ url: this.url, key: this.#key });
  }

  /** As superuser. */
  get database(): pg.Client {
    if (this.#database === null) throw new Error('the stand is not open');
    return this.#database;
  }

  /** The cluster's own database, for those who make others beside ours. */
  get admin(): pg.ClientConfig {
    if (this.#cluster === null) throw new Error('the stand is not open');
    return this.#cluster.address('superuser', 'postgres');
  }

  get pids(): Pids {
    return { server: this.#server?.pid ?? 0, postmaster: this.#cluster?.pid ?? 0 };
  }

  /** The folder of the main book's log. */
  get log(): string {
    return join(this.data, 'log/main');
  }

  describe(): Promise<Environment> {
    return environmentOf(this.database, this.data);
  }

  /**
   * The public totals are the sum of all answers, and both audits pass. @returns what passed
   * @throws AuditFailed
   */
  async audit(): Promise<string[]> {
    const { created, givenMinor } = this.sums;
    for (let tries = 0; ; tries += 1) {
      const total = (await this.client.totals()).assets.CNY;
      if ((total?.gifts ?? '0') === String(created) && (total?.givenMinor ?? '0') === String(givenMinor)) break;
      if (tries === 200)
        throw new AuditFailed(
          `answered ${created} gifts of ${givenMinor} fen, the totals say ${JSON.stringify(total)}`,
        );
      await pause(100);
    }
    return [`totals: the sum of all answers, ${created} gifts`, ...(await audits(this.url, this.environment))];
  }

  async close(): Promise<void> {
    await this.#database?.end();
    this.#database = null;
    await this.#server?.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}
