/** PostgreSQL from outside: the embedded cluster, or the server that DATABASE_URL names; migrations; roles; connections. */
export { type Address, Cluster, type ClusterOptions, startCluster } from './cluster.ts';
export { migrate } from './migrate.ts';
export { appRole, ensureRoles, ownerRole, ownsTheBooks } from './roles.ts';
