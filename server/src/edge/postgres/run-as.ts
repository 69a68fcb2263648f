/**
 * PostgreSQL refuses to run as root. A server started by root (a container, a fresh machine) therefore runs it under another identity; which of
 * these works depends on the kernel, the container and the folders above the data, so each is tried, in this order, on the data folder itself:
 *
 *   unshare  a user namespace in which root is called 1000: nothing changes on disk. Fails where user namespaces are forbidden (Docker's default).
 *   setpriv  user 65534 with the capability to pass folders that are closed to it. Needs util-linux, and CAP_DAC_OVERRIDE, CAP_FOWNER.
 *   setuid   user 65534 and nothing else: works when every folder above the data and the binaries is open.
 */
import { execFile, type SpawnOptions } from 'node:child_process';
import { chown, lchown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const nobody = 65534;

/** Where the programs of this file are. Nothing else of our environment reaches PostgreSQL, whose behaviour PG… variables would change. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface RunAs {
  readonly name: 'self' | 'unshare' | 'setpriv' | 'setuid';
  /** Prefix of the command line; empty for none. */
  readonly prefix: readonly string[];
  readonly spawn: Pick<SpawnOptions, 'uid' | 'gid'>;
  /** Who must own the cluster's files; undefined when that is ourselves. */
  readonly owner?: number;
}

const self: RunAs = { name: 'self', prefix: [], spawn: {} };

const ways: readonly RunAs[] = [
  { name: 'unshare', prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'], spawn: {}, owner: 0 },
  {
    name: 'setpriv',
    prefix: [
      'setpriv',
      `--reuid=${nobody}`,
      `--regid=${nobody}`,
      '--clear-groups',
      '--securebits=+no_setuid_fixup',
      '--inh-caps=+dac_override,+fowner',
      '--ambient-caps=+dac_override,+fowner',
    ],
    spawn: {},
    owner: nobody,
  },
  { name: 'setuid', prefix: [], spawn: { uid: nobody, gid: nobody }, owner: nobody },
];

/**
 * The first way that can run `binary` and write below `folder`.
 * @param only restricts the ways, for tests
 * @throws Error naming what each way answered
 */
export async function chooseRunAs(folder: string, binary: string, only?: readonly RunAs['name'][]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return self;
  const answers: string[] = [];
  for (const way of ways) {
    if (only && !only.includes(way.name)) continue;
    const failure = await probe(way, folder, binary);
    if (failure === null) return way;
    answers.push(`${way.name}: ${failure}`);
  }
  throw new Error(
    `PostgreSQL does not run as root, and no other identity works below ${folder} (${answers.join('; ')}). ` +
      'Start as an ordinary user, or set DATABASE_URL.',
  );
}

async function probe(way: RunAs, folder: string, binary: string): Promise<string | null> {
  const place = await mkdtemp(join(folder, '.probe-'));
  try {
    if (way.owner !== undefined) await chown(place, way.owner, way.owner);
    const command = [
      ...way.prefix,
      'sh',
      '-c',
      'test "$(id -u)" != 0 && "$1" -V && : > "$2/written"',
      'sh',
      binary,
      place,
    ];
    await run(command[0] as string, command.slice(1), { ...way.spawn, env: { PATH: systemPath }, timeout: 10_000 });
    return null;
  } catch (error) {
    return (
      String(error instanceof Error ? error.message : error)
        .split('\n')
        .filter(Boolean)
        .at(-1) ?? 'failed'
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Gives everything below `folder` to the identity that will use it. Cheap when the folder already has the right owner. */
export async function giveTo(way: RunAs, folder: string): Promise<void> {
  if (way.owner === undefined || (await stat(folder)).uid === way.owner) return;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), way.owner, way.owner);
  }
  // Last, so that a crash in between leaves a folder that is given again.
  await chown(folder, way.owner, way.owner);
}
