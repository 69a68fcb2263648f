/** The real server with its own PostgreSQL, to be killed: at one address over all its lives. */
import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RivuletClient } from '@rivulet/client';
import { freePort } from '../support/free-port.ts';
import { runRivulet, type SpawnedServer, spawnServer } from '../support/server.ts';

export class Victim {
  readonly dataFolder: string;
  readonly url: string;
  /** An operator's, made when it first starts. */
  key = '';
  readonly #environment: Record<string, string>;
  #server: SpawnedServer | null = null;
  #child: ChildProcess | null = null;

  private constructor(dataFolder: string, port: number, environment: Record<string, string>) {
    this.dataFolder = dataFolder;
    this.url = `http://127.0.0.1:${port}`;
    this.#environment = { ...environment, PORT: String(port) };
  }

  /** Started, with a key; gone after the file's last test, whatever happens. */
  static async start(environment: Record<string, string> = {}): Promise<Victim> {
    const dataFolder = await mkdtemp(join(tmpdir(), 'rivulet-crash-'));
    const victim = new Victim(dataFolder, await freePort(), environment);
    after(() => victim.#remove());
    await victim.start();
    victim.key = (await runRivulet(['key', 'new', '--operator'], { dataFolder, environment })).trim();
    return victim;
  }

  /** @throws Error when it ends before it is up */
  async start(): Promise<void> {
    const onSpawn = (child: ChildProcess) => {
      this.#child = child;
    };
    const { dataFolder } = this;
    this.#server = await spawnServer({ dataFolder, environment: this.#environment, onSpawn });
  }

  /** Clean, with SIGTERM. @returns exit code */
  async stop(): Promise<number | null> {
    return (await this.#server?.stop()) ?? null;
  }

  /** SIGKILL, also while it starts. Its PostgreSQL lives on. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  get runs(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** SIGKILL to the postmaster: every backend ends with it, nothing is flushed. */
  async killPostgres(): Promise<void> {
    const pid = await this.#postmaster();
    if (pid !== null) signal(pid, 'SIGKILL');
  }

  /** SIGKILL to one process that serves a connection: PostgreSQL ends all the others and recovers. @param choose among their ids */
  async killBackend(choose: (pids: readonly number[]) => number): Promise<void> {
    const parent = await this.#postmaster();
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
    const backends = stdout.split('\n').flatMap((line) => {
      const [pid, ppid, ...args] = line.trim().split(/\s+/);
      return Number(ppid) === parent && args.join(' ').startsWith('postgres: rivulet ') ? [Number(pid)] : [];
    });
    if (backends.length > 0) signal(choose(backends), 'SIGKILL');
  }

  /** Resolves once it says that it is well. */
  async well(patienceMs = 30_000): Promise<void> {
    for (const end = Date.now() + patienceMs; ; await sleep(50)) {
      const answer = await fetch(`${this.url}/healthz`).catch(() => null);
      if (answer?.status === 200) return;
      if (Date.now() > end) throw new Error(`not well: ${await answer?.text()}`);
    }
  }

  /** `attempts`: 1 gives up at the first failure; many repeat until an answer comes. */
  client(attempts: number, more: Partial<ConstructorParameters<typeof RivuletClient>[0]> = {}): RivuletClient {
    const retry = { attempts, firstDelayMs: 30, longestDelayMs: 300 };
    return new RivuletClient({ url: this.url, key: this.key, retry, timeoutMs: 20_000, ...more });
  }

  async #postmaster(): Promise<number | null> {
    const path = join(this.dataFolder, 'postgres/cluster/postmaster.pid');
    const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    return Number.isNaN(pid) ? null : pid;
  }

  async #remove(): Promise<void> {
    await this.kill();
    const pid = await this.#postmaster();
    if (pid !== null) signal(pid, 'SIGQUIT');
    for (let tries = 0; pid !== null && tries < 200 && signal(pid, 0); tries++) await sleep(25);
    await rm(this.dataFolder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @returns false when there is no such process */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
