/** PostgreSQL from outside: the embedded cluster, or the server that DATABASE_URL names; migrations; roles; connections. */
export { type Address, Cluster, type ClusterOptions, startCluster } from './cluster.ts';
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export { migrate } from './migrate.ts';
export { livePostmaster, stopPostmaster } from './postmaster.ts';
export { appRole, ensureRoles, ownerRole } from './roles.ts';
