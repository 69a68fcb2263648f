/** Everything that a server or a command works with, opened in order and closed in the opposite one. Which part does what: ARCHITECTURE.md. */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GivingContext } from '#domains/giving';
import { Keys, knowSources } from '#domains/giving';
import { type Database, openDatabase } from '#edge/postgres';
import { type OpenBook, openBooks } from './open-books.ts';
import { openSecrets } from './open-secrets.ts';
import { newTelemetry, type Telemetry } from './telemetry.ts';

/** What main.ts read from the environment, as far as an installation needs it. */
export interface InstallationSettings {
  readonly dataFolder: string;
  readonly databaseUrl: string | null;
  readonly origin: string | null;
  readonly telemetry: string;
}

export interface Installation extends GivingContext {
  readonly database: Database;
  readonly keys: Keys;
  readonly books: readonly OpenBook[];
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** Waits until each book can take work, or for some seconds: another process may be its writer. */
  settled(): Promise<void>;
  /** Takes no new work, writes what was accepted, integrates and signs it, lets everything go. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly tell: (message: string) => void;
  readonly onBug: (error: unknown) => void;
  /** What time it is for the books. */
  readonly now?: () => Date;
}

/** @throws Error in words for the operator; nothing stays open then */
export async function openInstallation(
  settings: InstallationSettings,
  { tell, onBug, now = () => new Date() }: OpenOptions,
): Promise<Installation> {
  const { dataFolder, databaseUrl, origin } = settings;
  const telemetry = newTelemetry(settings.telemetry);
  await mkdir(dataFolder, { recursive: true, mode: 0o711 });
  const database = await openDatabase({ dataFolder, databaseUrl, tell, keepAlive: true });
  try {
    const { pool } = database;
    const secrets = await openSecrets(pool, dataFolder);
    const books = await openBooks({ database, dataFolder, secrets, origin, telemetry, tell, onBug, now });
    for (const { registry } of books.slice(0, 1)) await knowSources(pool, registry.catalogue);
    for (const { writer } of books) writer.start();
    const keys = new Keys(pool);
    const parts = { pool, database, keys, books, telemetry, now };
    return { ...parts, settled: () => settled(books), close: () => close(parts) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Beside another process that writes, it soon stands by; after a crash the dead one's locks are gone in less than that. */
async function settled(books: readonly OpenBook[], patienceMs = 5_000, besideAnotherMs = 1_000): Promise<void> {
  const begun = Date.now();
  const open = () => books.some(({ writer, log }) => writer.state !== 'leading' || log.state.condition === 'starting');
  const standsBy = () => books.some(({ log }) => log.state.condition === 'standby');
  while (open() && Date.now() < begun + (standsBy() ? besideAnotherMs : patienceMs)) await sleep(20);
}

async function close({ books, keys, database }: Pick<Installation, 'books' | 'keys' | 'database'>): Promise<void> {
  await Promise.all(books.map(({ writer }) => writer.stop()));
  // After the last commit, so that everything that was accepted is published when we are gone.
  await Promise.all(books.map(({ log }) => log.stop()));
  await keys.flush().catch(() => {});
  await database.close();
}
