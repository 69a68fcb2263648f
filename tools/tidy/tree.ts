/** The files that tidy judges: what git has or would take, so nothing that is installed, built or ignored. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Tree {
  readonly root: string;
  /** Paths below the root, with `/`, sorted. */
  readonly files: readonly string[];
  /** All of a file, as text. */
  read(path: string): string;
}

/** @param root a folder with a git repository in it */
export function readTree(root: string): Tree {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
  return { root, files, read: (path) => readFileSync(join(root, path), 'utf8') };
}

/** Code in the sense of every rule: TypeScript, with or without JSX. */
export function isCode(path: string): boolean {
  return /\.tsx?$/.test(path) && !path.endsWith('.d.ts');
}

/** What may reach into anything and is reached by nothing: tests, benches, and what supports them. */
export const testCode = /(^|\/)(test|bench)\/|\.(test|bench)\.tsx?$/;

export function isTestCode(path: string): boolean {
  return testCode.test(path);
}
