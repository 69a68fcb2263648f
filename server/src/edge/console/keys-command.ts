/** `rivulet key …`: API keys, by the database alone where that is enough, so that it works whether or not a server runs. */
import { RivuletClient } from '@rivulet/client';
import { Keys, sourceExists } from '#domains/giving';
import { openDatabase } from '#edge/postgres';
import { findServer } from './reach-server.ts';
import type { ServerSettings } from './server.ts';
import { startServer } from './server.ts';
import { tell } from './telemetry.ts';

export interface NewSource {
  readonly source: string;
  readonly name: string;
  readonly zone: string;
  readonly currencies: readonly string[];
  readonly test: boolean;
}

/** Prints the key, which is shown this once. */
export async function newOperatorKey(
  settings: ServerSettings,
  label: string,
  ttlSeconds: number | null,
): Promise<void> {
  await withKeys(settings, async (keys) => {
    const { key } = await keys.issue({ scope: 'operator', label, ...(ttlSeconds !== null && { ttlSeconds }) });
    tell(key);
  });
}

/** Makes the source if there is none of that name, then prints a key for it. */
export async function newSourceKey(
  settings: ServerSettings,
  source: NewSource,
  label: string,
  ttlSeconds: number | null,
  version: string,
): Promise<void> {
  await withKeys(settings, async (keys, known) => {
    if (!(await known(source.source))) await putSource(settings, keys, source, version);
    const { key } = await keys.issue({
      scope: 'source',
      source: source.source,
      label,
      ...(ttlSeconds !== null && { ttlSeconds }),
    });
    tell(key);
  });
}

export async function listKeys(settings: ServerSettings): Promise<void> {
  await withKeys(settings, async (keys) => {
    for (const { keyId, scope, source, label, createdAt, expiresAt, revokedAt, lastUsed } of await keys.list()) {
      const state = revokedAt ? `revoked ${day(revokedAt)}` : expiresAt ? `until ${expiresAt.toISOString()}` : 'valid';
      const used = lastUsed ? `used ${lastUsed.toISOString()}` : 'never used';
      tell([keyId, source ?? scope, state, `made ${day(createdAt)}`, used, label].join('  ').trim());
    }
  });
}

export async function revokeKey(settings: ServerSettings, keyId: string): Promise<void> {
  await withKeys(settings, async (keys) => {
    if (!(await keys.revoke(keyId))) throw new Error(`there is no key ${keyId}`);
    tell(`${keyId} is revoked; a running server refuses it within five seconds`);
  });
}

type Known = (source: string) => Promise<boolean>;

async function withKeys(settings: ServerSettings, does: (keys: Keys, known: Known) => Promise<void>): Promise<void> {
  const { dataFolder, databaseUrl } = settings;
  const database = await openDatabase({ dataFolder, databaseUrl, tell: () => {} });
  try {
    await does(new Keys(database.pool), (source) => sourceExists(database.pool, source));
  } finally {
    await database.close();
  }
}

/** A source is an entry of the log, so the server must say it: the one that runs, or one that we start for the purpose. */
async function putSource(settings: ServerSettings, keys: Keys, made: NewSource, version: string): Promise<void> {
  const running = await findServer(settings.dataFolder);
  const own =
    running === null
      ? await startServer(
          { ...settings, host: '127.0.0.1', port: 0 },
          { tell: () => {}, onBug: fail, demo: false, version, pages: false },
        )
      : null;
  const { key, keyId } = await keys.issue({ scope: 'operator', label: 'rivulet key new', ttlSeconds: 60 });
  try {
    const client = new RivuletClient({ url: running?.url ?? own?.url ?? '', key });
    const { name, zone, currencies, test } = made;
    await client.putSource(made.source, { name: { en: name, zh: name }, zone, currencies: [...currencies], test });
  } finally {
    await keys.revoke(keyId);
    await own?.stop();
  }
}

function fail(error: unknown): never {
  throw error;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
