/** The secrets of giving: read, or made for a database that knows none yet; never made anew for one that does. */
import { join } from 'node:path';
import type { Pool } from 'pg';
import { knowsSecret, marksSecret } from '#domains/giving';
import { makeSecret, readSecret } from '#edge/secrets';

export interface Secrets {
  /** Keys of exactly-once: orders, lines, buyers. Lost, every order would be new again. */
  readonly dedupe: string;
  /** Makes gift codes. */
  readonly code: string;
}

/** @throws Error in words for the operator */
export async function openSecrets(pool: Pool, dataFolder: string): Promise<Secrets> {
  const folder = join(dataFolder, 'secrets');
  return { dedupe: await openSecret(pool, folder, 'dedupe'), code: await openSecret(pool, folder, 'code') };
}

async function openSecret(pool: Pool, folder: string, name: string): Promise<string> {
  const path = join(folder, `${name}.key`);
  const found = await readSecret(folder, name);
  if (found === null && (await knowsSecret(pool, name))) {
    throw new Error(
      `${path} is missing, and this database was written under it: bring it back from where you keep the secrets`,
    );
  }
  const secret = found ?? (await makeSecret(folder, name));
  if (!(await marksSecret(pool, name, secret)))
    throw new Error(`${path} is not the secret that this database was written under`);
  return secret;
}
