/** A finer look than threads: measured by hand with a profiler, kept beside the results. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Profile {
  /** How it was measured, in a sentence. */
  readonly how: string;
  readonly commit: string;
  readonly steps: readonly { readonly step: string; readonly where: string; readonly microseconds: number }[];
}

/** @returns null when there is none */
export async function readProfile(results: string): Promise<Profile | null> {
  const text = await readFile(join(results, 'profile.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Profile);
}
