/** The postmaster of one data folder as the operating system sees it: found by its lock file, started, watched, stopped. */
import { spawn } from 'node:child_process';
import { open, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunAs, systemPath } from './run-as.ts';

/** Pid of the live postmaster of `cluster`, or null. A lock file left by a pid that now belongs to another program is removed. */
export async function livePostmaster(cluster: string): Promise<number | null> {
  const lock = join(cluster, 'postmaster.pid');
  const text = await readFile(lock, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  if (await isSomethingElse(pid, cluster)) {
    // Pids start low in a container, so after a crash the old one is soon taken. PostgreSQL itself would refuse to start for ever.
    await rm(lock, { force: true });
    return null;
  }
  return pid;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True only when it is certain: a postmaster's working folder is its data folder. */
async function isSomethingElse(pid: number, cluster: string): Promise<boolean> {
  if (pid === process.pid || pid === process.ppid) return true;
  if (process.platform !== 'linux') return false;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) !== (await realpath(cluster));
  } catch {
    return false;
  }
}

export interface Launch {
  readonly postgres: string;
  readonly cluster: string;
  readonly configuration: string;
  readonly output: string;
  readonly runAs: RunAs;
}

/**
 * Starts a postmaster in a session of its own: it outlives us and never sees our terminal's Ctrl-C.
 * @returns a probe: the exit code once it has ended, else null
 */
export async function launchPostmaster(launch: Launch): Promise<() => number | null> {
  const log = await open(launch.output, 'a', 0o600);
  const command = [
    ...launch.runAs.prefix,
    launch.postgres,
    '-D',
    launch.cluster,
    `--config_file=${launch.configuration}`,
  ];
  const child = spawn(command[0] as string, command.slice(1), {
    ...launch.runAs.spawn,
    cwd: '/',
    detached: true,
    env: { PATH: systemPath, LC_ALL: 'C' },
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended: number | null = null;
  child.once('error', () => {
    ended = -1;
  });
  child.once('exit', (code) => {
    ended = code ?? -1;
  });
  child.unref();
  await log.close();
  return () => ended;
}

/** Fast shutdown: open transactions are rolled back, a checkpoint is written. Falls back to an immediate one after `patienceMs`. */
export async function stopPostmaster(pid: number, patienceMs = 60_000): Promise<'fast' | 'immediate'> {
  if (await ends(pid, 'SIGINT', patienceMs)) return 'fast';
  await ends(pid, 'SIGQUIT', 10_000);
  return 'immediate';
}

async function ends(pid: number, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  if (isAlive(pid)) process.kill(pid, signal);
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(20)) {
    if (!isAlive(pid)) return true;
  }
  return false;
}
