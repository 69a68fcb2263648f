/**
 * Rivulet for tests, in two ways: `startTestServer` in this process on a fresh database of the shared cluster, quick, for what a server answers;
 * `spawnServer` as the real command with its own PostgreSQL, for what it survives.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RivuletClient } from '@rivulet/client';
import { type RunningServer, startServer } from '../../server/src/edge/console/index.ts';
import type { Address } from '../../server/src/edge/postgres/index.ts';
import { freshDatabase, type TestDatabase } from './postgres.ts';

export interface TestServer {
  readonly url: string;
  readonly database: TestDatabase;
  readonly dataFolder: string;
  readonly server: RunningServer;
  readonly operatorKey: string;
  /** With the operator's key. */
  readonly client: RivuletClient;
  /** For tests that start another in its place; it stops by itself otherwise. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly demo?: boolean;
  readonly pages?: boolean;
  /** A second server on the database and the data folder of this one. */
  readonly beside?: TestServer;
  /** Where the server is to reach the database instead: a proxy. */
  readonly through?: (app: Address) => Promise<Address>;
  /** What time it is for the books. */
  readonly now?: () => Date;
}

/** Stops after the file's last test. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = options.beside?.database ?? (await freshDatabase());
  const dataFolder = options.beside?.dataFolder ?? (await mkdtemp(join(tmpdir(), 'rivulet-server-')));
  const settings = {
    dataFolder,
    databaseUrl: urlOf((await options.through?.(database.app)) ?? database.app),
    origin: 'example.org',
    telemetry: 'silent',
    host: '127.0.0.1',
    port: 0,
    trustProxy: null,
    rates: { perKeyPerSecond: 100_000, perAddressPerSecond: 100_000 },
  };
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => void bugs.push(error);
  const { demo = false, pages = false, now = () => new Date() } = options;
  const server = await startServer(settings, { tell: () => {}, onBug, now, demo, pages, version: '0.0.0' });
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  after(async () => {
    await stop();
    await rm(dataFolder, { recursive: true, force: true });
    if (bugs.length > 0) throw bugs[0];
  });
  const { key } = await server.installation.keys.issue({ scope: 'operator' });
  const client = new RivuletClient({ url: server.url, key });
  return { url: server.url, database, dataFolder, server, operatorKey: key, client, stop };
}

/** As DATABASE_URL takes it: a socket's folder goes into the query. */
export function urlOf({ host, port, user, password, database }: Address): string {
  return `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

export interface SpawnedServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it said on stdout so far, a line each. */
  readonly said: readonly string[];
  /** The same of stderr. */
  readonly errors: readonly string[];
  /** Sends SIGTERM. @returns exit code, null when a signal ended it */
  stop(): Promise<number | null>;
  /** SIGKILL: no chance to clean up. PostgreSQL stays, as after a crash. */
  kill(): Promise<void>;
}

export interface SpawnOptions {
  readonly dataFolder: string;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with the process as soon as it is there, for tests that kill it while it starts. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const main = join(repository, 'server', 'src', 'main.ts');

/** Returns once it says where it is. @throws Error with what it said when it ends before */
export async function spawnServer(options: SpawnOptions): Promise<SpawnedServer> {
  const child = spawnRivulet(['start', ...(options.arguments ?? ['--no-demo'])], options);
  options.onSpawn?.(child);
  const said: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => errors.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(line);
      const found = /^Rivulet is at (http:\/\/\S+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then((code) =>
      reject(new Error(`it ended with ${child.signalCode ?? code}:\n${[...said, ...errors].join('\n')}`)),
    );
  });
  return {
    url,
    child,
    said,
    errors,
    async stop() {
      child.kill('SIGTERM');
      return await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command to its end. @returns its stdout @throws Error with its stderr when it fails */
export async function runRivulet(args: readonly string[], options: SpawnOptions): Promise<string> {
  const child = spawnRivulet(args, options);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => output.push(part));
  child.stderr?.on('data', (part: Buffer) => errors.push(part));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(Buffer.concat(errors).toString() || `it ended with ${code}`);
  return Buffer.concat(output).toString();
}

function spawnRivulet(args: readonly string[], { dataFolder, environment }: SpawnOptions): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, PORT: '0', RIVULET_ORIGIN: 'example.org', ...environment, RIVULET_DATA: dataFolder };
  return spawn(process.execPath, [main, ...args], { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
}
