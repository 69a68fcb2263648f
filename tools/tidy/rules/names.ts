/** Files and folders are in kebab-case and named after a thing or a deed, never after nothing in particular. */
import { isCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const forbidden = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'manager', 'service', 'misc']);
/** `home.live.ts`: a kebab-case name and lower-case extensions. */
const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

export function checkNames(tree: Tree): Violation[] {
  return tree.files.filter((path) => isCode(path) || /\.(sql|css|json)$/.test(path)).flatMap(checkPath);
}

function checkPath(path: string): Violation[] {
  return path.split('/').flatMap((part) => {
    const violations: Violation[] = [];
    if (!kebab.test(part)) violations.push({ rule: 'kebab-case', path, message: `${part} is not in kebab-case` });
    const word = part
      .replace(/\..*$/, '')
      .split('-')
      .find((piece) => forbidden.has(piece));
    if (word !== undefined) violations.push({ rule: 'empty-name', path, message: `“${word}” says nothing` });
    return violations;
  });
}
