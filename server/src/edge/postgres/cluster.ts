/**
 * The embedded PostgreSQL: one cluster below one folder, made at first start, adopted when it is already running, started again when it dies.
 *
 *   <folder>/cluster     PostgreSQL's own data folder
 *   <folder>/passwords   of the superuser and of the server's role, 0600
 *   <folder>/socket      0700
 *   <folder>/start.log   what the postmaster said before its own log (cluster/log) was open
 *
 * Whoever calls `stop` last stops it: a command that runs beside the server, and a server beside another, leave it to the other.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Binaries, findBinaries } from './binaries.ts';
import { configuration, hostBasedAuthentication } from './configuration.ts';
import { isAlive, launchPostmaster, livePostmaster, stopPostmaster } from './postmaster.ts';
import { chooseRunAs, giveTo, type RunAs, systemPath } from './run-as.ts';
import { makeSocketFolder, socketFolderOf } from './socket-folder.ts';

const run = promisify(execFile);
/** How long processes of connections that were closed may take to end. */
const ownEndMs = 3_000;
const deadEndMs = 500;

export const superuser = 'postgres';

/** How to reach a database: the fields `pg` takes. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface ClusterOptions {
  /** Absolute or relative; made when absent. */
  readonly folder: string;
  /** False only in tests. */
  readonly durable?: boolean;
  /** Restart the postmaster when it dies while we run. */
  readonly keepAlive?: boolean;
  readonly tell?: (message: string) => void;
  readonly only?: readonly RunAs['name'][];
}

interface Passwords {
  readonly superuser: string;
  readonly app: string;
}

/** @throws Error when it cannot be started, with the end of the postmaster's own words */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const binaries = await findBinaries();
  const folder = resolve(options.folder);
  // 0711: what is private has a closed folder of its own, and another identity must be able to pass.
  await mkdir(dirname(folder), { recursive: true, mode: 0o711 });
  const runAs = await chooseRunAs(await realpath(dirname(folder)), binaries.postgres, options.only);
  const place = join(await realpath(dirname(folder)), basename(folder));
  if (!(await exists(join(place, 'cluster', 'PG_VERSION')))) await make(place, binaries, runAs, options);
  const passwords = JSON.parse(await readFile(join(place, 'passwords'), 'utf8')) as Passwords;
  const cluster = new Cluster(place, binaries, runAs, passwords, options);
  await cluster.up();
  if (options.keepAlive) cluster.watch();
  return cluster;
}

/** A running cluster. */
export class Cluster {
  readonly folder: string;
  readonly runAs: RunAs;
  /** True when it was already running. */
  adopted = false;
  readonly #binaries: Binaries;
  readonly #passwords: Passwords;
  readonly #options: ClusterOptions;
  readonly #socketFolder: string;
  #watching: NodeJS.Timeout | undefined;
  #pid = 0;
  /** By the cluster's clock, when we first reached it. */
  #since: Date | null = null;

  constructor(folder: string, binaries: Binaries, runAs: RunAs, passwords: Passwords, options: ClusterOptions) {
    this.folder = folder;
    this.runAs = runAs;
    this.#binaries = binaries;
    this.#passwords = passwords;
    this.#options = options;
    this.#socketFolder = socketFolderOf(folder);
  }

  get pid(): number {
    return this.#pid;
  }

  /** @param role the superuser, or the server's own role */
  address(role: 'superuser' | 'app', database: string): Address {
    const user = role === 'superuser' ? superuser : 'rivulet';
    return { host: this.#socketFolder, port: 5432, user, password: this.#passwords[role], database };
  }

  /** The password that the server's role is to have. */
  get appPassword(): string {
    return this.#passwords.app;
  }

  /** Returns when the cluster answers queries: adopts, waits for recovery, or starts, whichever it takes. */
  async up(patienceMs = 60_000): Promise<void> {
    let ended: (() => number | null) | undefined;
    for (let until = Date.now() + patienceMs; ; await sleep(25)) {
      const pid = await livePostmaster(join(this.folder, 'cluster'));
      const answer = pid === null ? 'away' : await this.#ask();
      if (pid !== null && answer === 'ready') {
        this.adopted = ended === undefined;
        this.#pid = pid;
        return;
      }
      // Recovery takes as long as it takes; the postmaster says that it is alive.
      if (answer === 'starting') until = Date.now() + patienceMs;
      if (Date.now() > until)
        throw new Error(`PostgreSQL did not start below ${this.folder}:\n${await this.#lastWords()}`);
      if (pid !== null || (ended !== undefined && ended() === null)) continue;
      // After a SIGKILL the old processes hold its shared memory for a second or two, and a start fails until they are gone.
      if (ended !== undefined) await sleep(250);
      ended = await this.#launch();
    }
  }

  /** Starts the postmaster again whenever it is gone. */
  watch(everyMs = 200): void {
    let busy = false;
    this.#watching = setInterval(async () => {
      if (busy || isAlive(this.#pid)) return;
      busy = true;
      this.#options.tell?.('PostgreSQL ended; starting it again');
      await this.up().then(
        () => this.#options.tell?.('PostgreSQL answers again'),
        (error: Error) => this.#options.tell?.(error.message),
      );
      busy = false;
    }, everyMs);
    this.#watching.unref();
  }

  /** Call after closing your own connections. @param options.evenWhenUsed ends the connections of others as well */
  async stop(options: { evenWhenUsed?: boolean } = {}): Promise<'stopped' | 'left to others'> {
    clearInterval(this.#watching);
    const pid = await livePostmaster(join(this.folder, 'cluster'));
    if (pid === null) return 'stopped';
    if (!options.evenWhenUsed && (await this.#isUsed())) return 'left to others';
    await stopPostmaster(pid);
    return 'stopped';
  }

  /**
   * Whether anybody else is connected. Our own connections are closed, but their processes may take a moment to end; what was there before us
   * is somebody else's, but for what a killed server left, which ends sooner.
   */
  async #isUsed(): Promise<boolean> {
    for (const begun = Date.now(); ; await sleep(50)) {
      const { before, after } = await this.#others();
      if (before + after === 0) return false;
      if (Date.now() - begun > (before > 0 ? deadEndMs : ownEndMs)) return true;
    }
  }

  async #others(): Promise<{ before: number; after: number }> {
    const client = new pg.Client(this.address('superuser', 'postgres'));
    client.on('error', () => {});
    try {
      await client.connect();
      const found = await client.query<{ before: number; after: number }>(
        `select count(*) filter (where backend_start < $1)::int as before, count(*) filter (where backend_start >= $1)::int as after
         from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        [this.#since ?? new Date(0)],
      );
      return found.rows[0] ?? { before: 0, after: 0 };
    } catch {
      return { before: 0, after: 0 };
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #ask(): Promise<'ready' | 'starting' | 'away'> {
    const client = new pg.Client({ ...this.address('superuser', 'postgres'), connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      this.#since ??= await startOf(client);
      return 'ready';
    } catch (error) {
      // 57P03 cannot_connect_now: starting up, recovering or shutting down.
      return (error as { code?: string }).code === '57P03' ? 'starting' : 'away';
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #launch(): Promise<() => number | null> {
    const socketFolder = this.#socketFolder;
    await makeSocketFolder(socketFolder);
    await giveTo(this.runAs, this.folder);
    const configurationFile = join(this.folder, 'postgresql.conf');
    await writeFile(configurationFile, configuration({ socketFolder, durable: this.#options.durable ?? true }));
    await writeFile(join(this.folder, 'cluster', 'pg_hba.conf'), hostBasedAuthentication);
    return await launchPostmaster({
      postgres: this.#binaries.postgres,
      cluster: join(this.folder, 'cluster'),
      configuration: configurationFile,
      output: join(this.folder, 'start.log'),
      runAs: this.runAs,
    });
  }

  async #lastWords(): Promise<string> {
    const text = await readFile(join(this.folder, 'start.log'), 'utf8').catch(() => '');
    return text.split('\n').slice(-12).join('\n');
  }
}

/** When this connection's process began: everything of ours began no earlier. */
async function startOf(client: pg.Client): Promise<Date | null> {
  const found = await client.query<{ start: Date }>(
    'select backend_start as start from pg_stat_activity where pid = pg_backend_pid()',
  );
  return found.rows[0]?.start ?? null;
}

/** Made beside its place and moved there whole, so that a crash in between leaves only a folder that the next start removes. */
async function make(place: string, binaries: Binaries, runAs: RunAs, options: ClusterOptions): Promise<void> {
  options.tell?.(`making a PostgreSQL cluster below ${place}`);
  const parent = dirname(place);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(place)}.new-`) || isAlive(Number(name.split('-').at(-1)))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
  const fresh = `${place}.new-${randomBytes(4).toString('hex')}-${process.pid}`;
  await mkdir(fresh, { mode: 0o700 });
  const passwords: Passwords = { superuser: randomBytes(24).toString('hex'), app: randomBytes(24).toString('hex') };
  await writeFile(join(fresh, 'passwords'), `${JSON.stringify(passwords)}\n`, { mode: 0o600 });
  await writeFile(join(fresh, 'initial'), passwords.superuser, { mode: 0o600 });

  await giveTo(runAs, fresh);
  const command = [
    ...runAs.prefix,
    binaries.initdb,
    `--pgdata=${join(fresh, 'cluster')}`,
    `--username=${superuser}`,
    `--pwfile=${join(fresh, 'initial')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    ...(options.durable === false ? ['--no-sync'] : ['--wal-segsize=64']),
  ];
  await run(command[0] as string, command.slice(1), {
    ...runAs.spawn,
    cwd: '/',
    env: { PATH: systemPath, LC_ALL: 'C' },
  });
  await rm(join(fresh, 'initial'));
  try {
    await rename(fresh, place);
  } catch (error) {
    // Another process was quicker: its cluster stands, ours goes.
    if (!(await exists(join(place, 'cluster', 'PG_VERSION')))) throw error;
    await rm(fresh, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await readFile(path).then(
    () => true,
    () => false,
  );
}
