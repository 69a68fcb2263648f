/** Other people's test data, where it is present: RIVULET_SHARED, or `../shared` next to the repository. It is no part of the project. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = process.env.RIVULET_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/** Absolute path of a shared file or folder, or null where it is absent. */
export function shared(path: string): string | null {
  const full = resolve(folder, path);
  return existsSync(full) ? full : null;
}

/** For node:test's `skip`: false when the path is present, else the reason in words. */
export function skipWithout(path: string): string | false {
  return shared(path) === null ? `${path} is not here; set RIVULET_SHARED to the folder that has it` : false;
}
