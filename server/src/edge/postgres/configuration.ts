/** The embedded cluster's postgresql.conf, written at each start; ALTER SYSTEM still wins over it. */
import { totalmem } from 'node:os';

export interface ConfigurationOptions {
  readonly socketFolder: string;
  /** False only for clusters of tests that never lose power. */
  readonly durable: boolean;
  /** Bytes this machine or container has. */
  readonly memory?: number;
}

const mebibyte = 1024 * 1024;

/** Shared buffers: a fifth of memory, 64 MiB to 4 GiB. The unique key on gifts is hit at random, so its index should stay in memory. */
export function sharedBuffersMebibytes(memory: number): number {
  return Math.floor(Math.min(Math.max(memory / 5, 64 * mebibyte), 4096 * mebibyte) / mebibyte);
}

export function configuration(options: ConfigurationOptions): string {
  const memory = options.memory ?? Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const settings: Record<string, string> = {
    cluster_name: 'rivulet',
    // No TCP at all: the socket's folder is 0700, and the password is asked for all the same.
    listen_addresses: '',
    unix_socket_directories: options.socketFolder,
    unix_socket_permissions: '0700',
    port: '5432',
    password_encryption: 'scram-sha-256',
    max_connections: '80',
    shared_buffers: `${options.durable ? sharedBuffersMebibytes(memory) : 128}MB`,
    work_mem: '16MB',
    maintenance_work_mem: '256MB',
    fsync: options.durable ? 'on' : 'off',
    synchronous_commit: options.durable ? 'on' : 'off',
    full_page_writes: options.durable ? 'on' : 'off',
    wal_buffers: '32MB',
    // One batch a few times a second is bulk load: checkpoints must be few, or every index page goes to WAL whole again and again.
    max_wal_size: options.durable ? '6GB' : '1GB',
    min_wal_size: options.durable ? '512MB' : '128MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    effective_cache_size: `${Math.floor(memory / 2 / mebibyte)}MB`,
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_duration_statement: '2s',
    log_checkpoints: options.durable ? 'on' : 'off',
    log_line_prefix: '%m [%p] %q%u@%d %a ',
    logging_collector: 'on',
    log_directory: 'log',
    log_filename: 'postgresql-%a.log',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_rotation_size: '0',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written by Rivulet at each start.\n${lines.join('\n')}\n`;
}

/** Who may connect: by socket only, with a password, to this cluster's databases. */
export const hostBasedAuthentication = 'local all all scram-sha-256\n';
