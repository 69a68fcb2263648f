/**
 * Builds the site when a source is newer than the newest build (about two seconds). Each build gets a folder of its own below web/build/sites, so
 * that a server goes on serving the one it opened while another process builds the next.
 */
import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compressAssets } from './compress-assets.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const web = join(repository, 'web');
const output = join(web, 'build');
const sites = join(output, 'sites');
const keptBuilds = 3;

/** Folders and files that the site is made of. */
const sources = [
  'web/src',
  'web/package.json',
  'web/vite.config.ts',
  'web/vite.live.config.ts',
  'web/react-router.config.ts',
  'verifier/src',
  'client/src/contract',
  'package-lock.json',
];

/**
 * The folder of a build that is as new as the sources: `server/`, `client/assets/`, `live/`.
 * @throws Error with the builder's own words when the site cannot be built
 */
export async function builtSite(): Promise<string> {
  return (await freshBuild()) ?? (await build());
}

/** Builds are named after the milliseconds at which they began. */
async function freshBuild(): Promise<string | null> {
  const newest = (await buildsByAge()).at(-1);
  if (newest === undefined) return null;
  for (const source of sources) if ((await lastChange(join(repository, source))) > Number(newest)) return null;
  return join(sites, newest);
}

async function buildsByAge(): Promise<string[]> {
  const names = await readdir(sites).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(a) - Number(b));
}

async function lastChange(path: string): Promise<number> {
  const own = await stat(path).catch(() => null);
  if (own === null) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  let latest = own.mtimeMs;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const inside = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    latest = Math.max(latest, inside?.mtimeMs ?? 0);
  }
  return latest;
}

/** One process at a time; who waited finds the build fresh. */
async function build(): Promise<string> {
  await mkdir(sites, { recursive: true });
  const release = await lock(join(output, 'lock'));
  try {
    const fresh = await freshBuild();
    if (fresh !== null) return fresh;
    const folder = join(sites, `${Date.now()}`);
    await run('node_modules/@react-router/dev/bin.cjs', 'build');
    await run('node_modules/vite/bin/vite.js', 'build', '--config', 'vite.live.config.ts', '--logLevel', 'warn');
    const made = join(output, 'new');
    await compressAssets([join(made, 'client/assets'), join(made, 'live')]);
    // Whole or not at all: a build has its name only when it is finished.
    await rename(made, folder);
    for (const old of (await buildsByAge()).slice(0, -keptBuilds)) await rm(join(sites, old), { recursive: true });
    return folder;
  } finally {
    await release();
  }
}

/** A tool of the workspace, wherever npm put it. */
async function run(tool: string, ...args: string[]): Promise<void> {
  const hoisted = join(repository, tool);
  const path = (await stat(hoisted).catch(() => null)) === null ? join(web, tool) : hoisted;
  const child = spawn(process.execPath, [path, ...args], { cwd: web, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the site could not be built (${tool}):\n${Buffer.concat(said).toString()}`);
}

/** A lock file with its owner's process id; one whose owner is gone is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(`${process.pid}`);
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isRunning(owner)) await rm(path, { force: true });
    else await wait(100);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
