/** Before and after all test files: the one PostgreSQL cluster they share. See postgres.ts. */
import type { Cluster } from '../../server/src/edge/postgres/index.ts';
import { folderVariable, startTestCluster, stopTestCluster } from './postgres.ts';

let cluster: Cluster | undefined;

export async function globalSetup(): Promise<void> {
  cluster = await startTestCluster();
  process.env[folderVariable] = cluster.folder;
}

export async function globalTeardown(): Promise<void> {
  if (cluster) await stopTestCluster(cluster);
}
