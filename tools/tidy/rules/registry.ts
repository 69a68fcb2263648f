/** Nothing here says where packages come from: that is for whoever installs, and a lock file with hosts in it works in one place only. */
import type { Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const rule = 'no-registry';

export function checkRegistry(tree: Tree): Violation[] {
  const violations: Violation[] = [];
  for (const path of tree.files.filter((file) => /(^|\/)package-lock\.json$/.test(file)))
    if (/"resolved": "[a-z+]+:\/\//.test(tree.read(path)))
      violations.push({ rule, path, message: 'names a registry; npm install --package-lock-only leaves it out' });
  for (const path of tree.files.filter((file) => /(^|\/)\.npmrc$/.test(file)))
    if (/registry\s*=\s*\S*:\/\//.test(tree.read(path))) violations.push({ rule, path, message: 'names a registry' });
  if (!tree.files.includes('.npmrc') || !tree.read('.npmrc').includes('omit-lockfile-registry-resolved=true'))
    violations.push({ rule, path: '.npmrc', message: 'lacks omit-lockfile-registry-resolved=true' });
  return violations;
}
