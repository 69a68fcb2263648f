/** `rivulet migrate`: brings a database to the newest schema as its owner, so that the server may connect as a lesser role. */
import { appRole, migrate, openDatabase } from '#edge/postgres';
import type { InstallationSettings } from './installation.ts';
import { tell } from './telemetry.ts';

/** The role `rivulet`, where there is one, gets the grants that the server needs. */
export async function migrateDatabase(settings: InstallationSettings): Promise<void> {
  const { dataFolder, databaseUrl } = settings;
  if (databaseUrl === null) {
    // The embedded one does all this whenever it is opened.
    await (await openDatabase({ dataFolder, databaseUrl, tell })).close();
  } else {
    const ran = await migrate({ address: { connectionString: databaseUrl }, app: appRole });
    tell(ran.length > 0 ? `ran ${ran.join(', ')}` : 'nothing to run');
  }
  tell('the database is at the newest schema');
}
