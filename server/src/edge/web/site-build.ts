/** The built site on disk: whether it is older than its sources, building it, and opening it. */
import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compressAssets } from './compress-assets.ts';

export const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const web = join(repository, 'web');
/** Folders and files that the site is made of. */
const sources = [
  'web/src',
  'web/package.json',
  'web/vite.config.ts',
  'web/vite.live.config.ts',
  'web/react-router.config.ts',
  'verifier/src',
  'client/src',
  'package-lock.json',
];
/** Written last: a build without it is not whole. */
const stamp = join(web, 'build', 'built');

export const clientFolder = join(web, 'build', 'client', 'assets');
export const liveFolder = join(web, 'build', 'live');

/** What a page is told about the visit; the same shape as Visit in web/src/shell/visit.ts. */
export interface About {
  api(path: string, init?: RequestInit): Promise<Response>;
  remembered: 'en' | 'zh' | undefined;
  demo: boolean;
  site: string;
  live: Readonly<Record<string, string>>;
}

export interface Site {
  respond(request: Request, about: About): Promise<Response>;
  live: Readonly<Record<string, string>>;
}

/**
 * Builds the site if a source is newer than the build (about two seconds), then loads it.
 * @throws Error with the builder's own words when the site cannot be built
 */
export async function openSite(): Promise<Site> {
  if (await isStale()) await build();
  const entry = pathToFileURL(join(web, 'build', 'server', 'index.js'));
  // Each build is its own module, also when an older one is loaded already.
  entry.searchParams.set('built', await readFile(stamp, 'utf8'));
  const loaded = (await import(entry.href)) as { entry: { module: { openSite(build: unknown): Site['respond'] } } };
  const manifest = JSON.parse(await readFile(join(liveFolder, 'manifest.json'), 'utf8')) as Record<
    string,
    { file: string; isEntry?: boolean }
  >;
  const live: Record<string, string> = {};
  for (const [source, { file, isEntry }] of Object.entries(manifest)) {
    if (isEntry) live[source] = `/assets/live/${file}`;
  }
  return { respond: loaded.entry.module.openSite(loaded), live };
}

async function isStale(): Promise<boolean> {
  const built = await stat(stamp).catch(() => null);
  if (built === null) return true;
  for (const source of sources) if ((await newest(join(repository, source))) > built.mtimeMs) return true;
  return false;
}

async function newest(path: string): Promise<number> {
  const own = await stat(path).catch(() => null);
  if (own === null) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  let latest = own.mtimeMs;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    latest = Math.max(latest, (await stat(join(entry.parentPath, entry.name))).mtimeMs);
  }
  return latest;
}

/** One at a time, also between processes; who waited finds the build fresh. */
async function build(): Promise<void> {
  await mkdir(dirname(stamp), { recursive: true });
  const release = await lock(join(dirname(stamp), 'lock'));
  try {
    if (!(await isStale())) return;
    const started = Date.now();
    await rm(stamp, { force: true });
    await run(['node_modules/@react-router/dev/bin.cjs', 'build']);
    await run(['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.live.config.ts', '--logLevel', 'warn']);
    await compressAssets([clientFolder, liveFolder]);
    await writeFile(stamp, `${started}`);
  } finally {
    await release();
  }
}

/** A tool of the workspace, wherever npm put it. */
async function run([tool = '', ...args]: string[]): Promise<void> {
  const hoisted = join(repository, tool);
  const path = (await stat(hoisted).catch(() => null)) === null ? join(web, tool) : hoisted;
  const child = spawn(process.execPath, [path, ...args], {
    cwd: web,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
  } catch {
    return false;
  }
}
