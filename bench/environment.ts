/** Where and with what a figure was measured. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';

export interface Environment {
  readonly commit: string;
  readonly node: string;
  readonly postgres: string;
  readonly machine: string;
  /** Settings of PostgreSQL that decide what a commit costs. */
  readonly durability: string;
  /** Median of one append and fdatasync beside the database, in milliseconds. */
  readonly diskSyncMs: number;
}

export async function environmentOf(client: pg.Client, folder: string): Promise<Environment> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name = any($1) order by name`,
    [['fsync', 'full_page_writes', 'server_version', 'shared_buffers', 'synchronous_commit', 'wal_level']],
  );
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const { model } = cpus()[0] ?? { model: 'unknown' };
  return {
    commit: await commit(),
    node: process.version,
    postgres: settings.get('server_version') ?? 'unknown',
    machine: `${cpus().length} × ${model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    durability: [...settings]
      .filter(([name]) => name !== 'server_version')
      .map(([name, setting]) => `${name}=${setting}`)
      .join(' '),
    diskSyncMs: await diskSync(folder),
  };
}

async function commit(): Promise<string> {
  try {
    const run = promisify(execFile);
    const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname });
    const changed = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: import.meta.dirname });
    return head.stdout.trim() + (changed.stdout === '' ? '' : ' with changes');
  } catch {
    return (await readFile(join(import.meta.dirname, '../package.json'), 'utf8').then(JSON.parse)).version;
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
