/** Compresses built assets once, so that no request pays for it: `.br` and `.gz` beside each file of 1 KiB or more. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

export async function compressAssets(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const name of await readdir(folder)) {
      if (!/\.(js|css|svg)$/.test(name)) continue;
      const bytes = await readFile(join(folder, name));
      if (bytes.length < 1024) continue;
      await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
      await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(bytes));
    }
  }
}
