/** `rivulet migrate`: brings a database to the newest schema as its owner, so that the server may connect as a lesser role. */
import { appRole, migrate, openDatabase } from '#edge/postgres';
import type { InstallationSettings } from './installation.ts';
import { tell } from './telemetry.ts';

/** @param role who gets the server's grants, when DATABASE_URL names the owner */
export async function migrateDatabase(settings: InstallationSettings, role: string | null): Promise<void> {
  const { dataFolder, databaseUrl } = settings;
  if (databaseUrl === null) {
    // The embedded one does all this whenever it is opened.
    await (await openDatabase({ dataFolder, databaseUrl, tell })).close();
  } else {
    const ran = await migrate({ address: { connectionString: databaseUrl }, app: role ?? appRole });
    tell(ran.length > 0 ? `ran ${ran.join(', ')}` : 'nothing to run');
  }
  tell('the database is at the newest schema');
}
