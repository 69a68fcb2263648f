/**
 * A fresh, migrated database for a test file: copied from a template in one cluster that all files share. `npm test` starts that cluster once
 * (global-setup.ts); a file run on its own starts one for itself. The cluster does not wait for the disk: tests that lose power start their own.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import {
  type Address,
  type Cluster,
  ensureRoles,
  livePostmaster,
  migrate,
  ownerRole,
  startCluster,
  stopPostmaster,
} from '../../server/src/edge/postgres/index.ts';

const template = 'rivulet_template';
export const folderVariable = 'RIVULET_TEST_POSTGRES';

export interface TestDatabase {
  /** As the server connects: role `rivulet`, append-only by grant. */
  readonly app: Address;
  /** As a superuser, for tests that damage things. */
  readonly superuser: Address;
  /** Connections as `app`. */
  readonly pool: pg.Pool;
}

let ownCluster: Promise<Cluster> | undefined;
let made = 0;
let open = 0;

/** Dropped after the file's last test. */
export async function freshDatabase(): Promise<TestDatabase> {
  const cluster = await sharedCluster();
  open++;
  const name = `t_${process.pid}_${++made}`;
  await admin(cluster, `create database ${name} template ${template} owner ${ownerRole}`);
  const app = cluster.address('app', name);
  const pool = new pg.Pool({ ...app, max: 8 });
  // The forced drop ends connections that a test forgot.
  pool.on('error', () => {});
  after(async () => {
    await pool.end();
    await admin(cluster, `drop database if exists ${name} with (force)`);
    if (--open > 0 || process.env[folderVariable] !== undefined) return;
    ownCluster = undefined;
    await stopTestCluster(cluster);
  });
  return { app, superuser: cluster.address('superuser', name), pool };
}

const prefix = 'rivulet-test-';

/** A cluster with the template in it, below a new temporary folder. */
export async function startTestCluster(): Promise<Cluster> {
  await endLeftOvers();
  const place = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(place, 'owner'), String(process.pid));
  const folder = join(place, 'postgres');
  const cluster = await startCluster({ folder, durable: false });
  await ensureRoles(cluster, template);
  await migrate({ address: cluster.address('superuser', template), owner: ownerRole });
  return cluster;
}

export async function stopTestCluster(cluster: Cluster): Promise<void> {
  await cluster.stop({ evenWhenUsed: true });
  await rm(join(cluster.folder, '..'), { recursive: true, force: true });
}

/** Clusters of test runs that were killed before they could stop them. */
async function endLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const place = join(tmpdir(), name);
    const owner = Number.parseInt(await readFile(join(place, 'owner'), 'utf8').catch(() => ''), 10);
    if (Number.isNaN(owner) || isAlive(owner)) continue;
    // The pid in a lock file may be anybody's by now.
    const postmaster = await livePostmaster(join(place, 'postgres/cluster'));
    if (postmaster !== null) await stopPostmaster(postmaster);
    await rm(place, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function sharedCluster(): Promise<Cluster> {
  const folder = process.env[folderVariable];
  ownCluster ??= folder ? startCluster({ folder, durable: false }) : startTestCluster();
  return await ownCluster;
}

async function admin(cluster: Cluster, statement: string): Promise<void> {
  const client = new pg.Client(cluster.address('superuser', 'postgres'));
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
