/** Random secrets that live in files beside the database, never in it: 64 hexadecimal characters, 0600, in a folder of 0700. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret `<folder>/<name>.key`, or null when there is none. @throws Error when others may read it, or when it is no secret of ours */
export async function readSecret(folder: string, name: string): Promise<string | null> {
  const path = join(folder, `${name}.key`);
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if ((found.mode & 0o077) !== 0) throw new Error(`${path} can be read by others; chmod 600 it, or better renew it`);
  const text = (await readFile(path, 'utf8')).trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${path} should hold 64 hexadecimal characters`);
  return text;
}

/** Makes the secret where there is none; when two processes do so at once, one wins and both get that one. Durable on return. */
export async function makeSecret(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name}.key`);
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
    // A link never replaces: what another process made stands.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const directory = await open(folder);
  await directory.sync().finally(() => directory.close());
  return (await readSecret(folder, name)) as string;
}
