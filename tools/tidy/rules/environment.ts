/** One file of the server reads the environment, so that everything else is told what it needs and a test can tell it something else. */
import { isCode, isTestCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

export function checkEnvironment(tree: Tree): Violation[] {
  return tree.files
    .filter((path) => isCode(path) && !isTestCode(path) && path !== 'server/src/main.ts')
    .filter((path) => /(?<!['"])\bprocess\s*\.\s*env\b|\benv\b[^;]*from 'node:process'/.test(tree.read(path)))
    .map((path) => ({ rule: 'environment', path, message: 'reads the environment; only server/src/main.ts does' }));
}
