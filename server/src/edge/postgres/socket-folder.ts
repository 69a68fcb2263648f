/** Where the cluster's socket lies: beside its data, or in the temporary folder when that path is too long for a socket. */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux; PostgreSQL adds a file name of 17. */
const longest = 103 - '/.s.PGSQL.5432.lock'.length;

/** The same folder gives the same path, so that a later start finds a live postmaster. */
export function socketFolderOf(folder: string, temporary = tmpdir()): string {
  const beside = join(folder, 'socket');
  if (Buffer.byteLength(beside) <= longest) return beside;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(temporary, `rivulet-${process.getuid?.() ?? 0}-${name}`);
}

/** @throws Error when someone else owns the path: the temporary folder is open to all */
export async function makeSocketFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const ours = process.getuid === undefined || found.uid === process.getuid() || process.getuid() === 0;
  if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} should be a folder of ours with mode 0700`);
  }
}
