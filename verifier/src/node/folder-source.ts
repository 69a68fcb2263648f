/** A log in a folder, as the server stores it and as a mirror would. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type LogSource, Unreachable } from '../tlog/source.ts';

export function folderSource(folder: string): LogSource {
  return {
    name: join(folder, '/'),
    async read(path, maxBytes) {
      const full = join(folder, path);
      try {
        return readAtMost(full, maxBytes);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw new Unreachable(full, (error as Error).message);
      }
    },
  };
}

/** At once, not through the thread pool: a log is read file by file, and a small file costs less than the ways to and from another thread. */
function readAtMost(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
    const bytes = new Uint8Array(size);
    let read = 0;
    while (read < size) {
      const more = readSync(file, bytes, read, size - read, null);
      if (more === 0) throw new Error('it became shorter while it was read');
      read += more;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
