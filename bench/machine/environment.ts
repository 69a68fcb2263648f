/** Where and with what a figure was measured. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';

export interface Environment {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly postgres: string;
  readonly machine: string;
  readonly system: string;
  /** Of one minute, at the start: what else ran here. */
  readonly loadAverage: number;
  /** Settings of PostgreSQL that decide what a commit costs and how much it keeps in memory, as it shows them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Median of one append and fdatasync beside the database, in milliseconds. */
  readonly diskSyncMs: number;
}

const told = [
  'checkpoint_timeout',
  'commit_delay',
  'fsync',
  'full_page_writes',
  'max_wal_size',
  'shared_buffers',
  'synchronous_commit',
  'wal_buffers',
  'wal_compression',
  'wal_level',
];

export async function environmentOf(client: pg.Client, folder: string): Promise<Environment> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings where name = any($1) order by name`,
    [[...told, 'server_version']],
  );
  const { server_version: postgres = 'unknown', ...settings } = Object.fromEntries(
    rows.map(({ name, setting }) => [name, setting]),
  );
  const { model } = cpus()[0] ?? { model: 'unknown' };
  return {
    commit: await commit(),
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    postgres,
    machine: `${cpus().length} × ${model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${type()} ${release()}`,
    loadAverage: Number((loadavg()[0] ?? Number.NaN).toFixed(2)),
    settings,
    diskSyncMs: Number((await diskSync(folder)).toFixed(2)),
  };
}

async function commit(): Promise<string> {
  try {
    const run = promisify(execFile);
    const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname });
    const changed = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: import.meta.dirname });
    return head.stdout.trim() + (changed.stdout === '' ? '' : ' with changes');
  } catch {
    return (await readFile(join(import.meta.dirname, '../../package.json'), 'utf8').then(JSON.parse)).version;
  }
}

async function diskSync(folder: string): Promise<number> {
  const place = await mkdtemp(join(folder, 'sync-'));
  const file = await open(join(place, 'probe'), 'w');
  const times: number[] = [];
  const page = Buffer.alloc(8_192, 1);
  for (let i = 0; i < 101; i += 1) {
    const start = performance.now();
    await file.write(page);
    await file.datasync();
    times.push(performance.now() - start);
  }
  await file.close();
  await rm(place, { recursive: true });
  return times.sort((a, b) => a - b)[50] ?? Number.NaN;
}
