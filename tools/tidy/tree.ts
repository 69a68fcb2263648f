/** The files that tidy judges: everything in the repository but what is installed, built or somebody's data. */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'build', 'data', '.git', '.react-router', 'results']);

export interface Tree {
  readonly root: string;
  /** Paths below the root, with `/`, sorted. */
  readonly files: readonly string[];
  /** All of a file, as text. */
  read(path: string): string;
}

export function readTree(root: string): Tree {
  const files = walk(root, '').sort();
  return { root, files, read: (path) => readFileSync(join(root, path), 'utf8') };
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry: Dirent) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (skipped.has(entry.name)) return [];
    return entry.isDirectory() ? walk(root, path) : [path];
  });
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
