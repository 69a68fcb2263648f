/** The developers' key for the sandbox: kept in a file beside the secrets, so that every start can say where it is. */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keys } from '#domains/giving';
import { sandboxSource } from './open-market.ts';

/** Makes a key where there is none that works. It is of a test source: it touches nothing that counts. @returns the file */
export async function keepSandboxKey(keys: Keys, secretsFolder: string): Promise<string> {
  const path = join(secretsFolder, 'demo-sandbox.key');
  const kept = await readFile(path, 'utf8').catch(() => '');
  const holder = await keys.verify(kept.trim());
  if ('scope' in holder && holder.source === sandboxSource) return path;
  const { key } = await keys.issue({ scope: 'source', source: sandboxSource, label: 'demo sandbox' });
  await mkdir(secretsFolder, { recursive: true, mode: 0o700 });
  // A crash before the rename leaves a key that nobody knows; the next start makes another.
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${key}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
  return path;
}
