/** A log in a folder, as the server stores it and as a mirror would. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogSource, Unreachable } from '../tlog/source.ts';

export function folderSource(folder: string): LogSource {
  return {
    name: join(folder, '/'),
    async read(path, maxBytes) {
      const full = join(folder, path);
      try {
        return await readAtMost(full, maxBytes);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw new Unreachable(full, (error as Error).message);
      }
    },
  };
}

async function readAtMost(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
    const bytes = await file.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    await file.close();
  }
}
