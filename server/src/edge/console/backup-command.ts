/** `rivulet backup` and `rivulet restore`: also while a server runs, and without one. */
import { resolve } from 'node:path';
import { backup, type Manifest, readManifest, restore } from '#edge/backup';
import { openDatabase } from '#edge/postgres';
import type { InstallationSettings } from './installation.ts';
import { tell } from './telemetry.ts';

export async function backUp(settings: InstallationSettings, folder: string, secrets: string | null): Promise<void> {
  const { dataFolder, databaseUrl } = settings;
  const database = await openDatabase({ dataFolder, databaseUrl, tell: () => {} });
  try {
    const client = await database.connect('rivulet backup');
    const secretsFolder = secrets === null ? null : resolve(secrets);
    try {
      const manifest = await backup({
        client,
        dataFolder,
        folder: resolve(folder),
        secretsFolder,
        now: new Date(),
        tell,
      });
      tell(`${resolve(folder)} holds a whole backup: ${summary(manifest)}`);
      if (secretsFolder !== null) tell(`${secretsFolder} holds the secrets: keep it apart from the backup`);
      else
        tell(
          'Secrets are not in it. Without secrets/dedupe.key and secrets/log-*.key it cannot be used: back them up apart, with --secrets DIR.',
        );
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}

export interface RestoreChoices {
  readonly seen: readonly string[];
  readonly nothingSince: boolean;
  readonly databaseOnly: boolean;
  readonly secrets: string | null;
}

export async function restoreBackup(
  settings: InstallationSettings,
  folder: string,
  choices: RestoreChoices,
): Promise<void> {
  const { dataFolder, databaseUrl } = settings;
  const { seen, nothingSince, databaseOnly, secrets } = choices;
  if (seen.length === 0 && !nothingSince && !databaseOnly) throw new Error(askForSeen);
  const manifest = await readManifest(resolve(folder));
  const upTo = manifest.migrations.length;
  const database = await openDatabase({ dataFolder, databaseUrl, tell, upTo });
  try {
    const client = await database.connectAsOwner();
    const secretsFolder = secrets === null ? null : resolve(secrets);
    const options = { client, dataFolder, folder: resolve(folder), seen, databaseOnly, secretsFolder, tell };
    await restore(options).finally(() => client.end());
    tell(`restored: ${summary(manifest)}`);
    if (secretsFolder === null) tell(`Now bring the secrets back to ${dataFolder}/secrets, if they are not there.`);
  } finally {
    await database.close();
  }
}

const askForSeen = `Whatever this log published after the backup was made would be forked by signing on.
Say which checkpoints were published last: --seen FILE (from a mirror, a marketplace's SDK, a browser); repeat it for each book.
If you are certain that nothing was published since, say --nothing-since.`;

function summary({ madeAt, tables, books, files }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const logs = books.map(({ book, signed }) => `${book} ${signed ?? 0}`).join(', ');
  return `${rows} rows, log entries: ${logs}, ${files} files, as of ${madeAt}`;
}
