/** The server to send to: one that runs on this machine, or one started for the time of the run. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');
const main = join(root, 'server/src/main.ts');

export interface Server {
  readonly url: string;
  /** Whether it was started here. */
  readonly ours: boolean;
  /** Of the process started here. */
  readonly pid?: number | undefined;
  /** Drains and ends a server of ours; leaves any other alone. */
  stop(): Promise<void>;
}

/** The server's command is not beside this file: the package was installed by itself. */
export class NoServer extends Error {}

export class NotStarted extends Error {}

/** Whether something that says it is healthy, or says why not, answers there. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return 'status' in ((await response.json()) as object);
  } catch {
    return false;
  }
}

/** @param environment for the child: PORT, RIVULET_DATA, DATABASE_URL and the rest. @throws NoServer, NotStarted with what it printed */
export async function startServer(url: string, environment: NodeJS.ProcessEnv): Promise<Server> {
  if (!existsSync(main)) throw new NoServer();
  const child = spawn(process.execPath, [main, 'start', '--no-demo'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4_000);
    });
  }
  for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
    if (await answers(url)) return { url, ours: true, pid: child.pid, stop: () => ended(child) };
    await pause(100);
  }
  await ended(child);
  throw new NotStarted(printed);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await end;
}

const run = promisify(execFile);

export interface RunKey {
  readonly key: string;
  revoke(): Promise<void>;
}

/** An operator key of two hours, made by the server's own command on the same data. @throws NoServer */
export async function makeKey(environment: NodeJS.ProcessEnv): Promise<RunKey> {
  if (!existsSync(main)) throw new NoServer();
  const options = { cwd: root, env: environment };
  const command = [main, 'key', 'new', '--operator', '--ttl', '7200', '--label', 'replay'];
  const { stdout } = await run(process.execPath, command, options);
  const [key, keyId] = /rvk_([0-9a-z]+)_[0-9a-z]+/.exec(stdout) ?? [];
  if (key === undefined || keyId === undefined) throw new NotStarted(stdout);
  return {
    key,
    revoke: async () => void (await run(process.execPath, [main, 'key', 'revoke', keyId], options)),
  };
}
