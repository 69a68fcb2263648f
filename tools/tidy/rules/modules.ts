/** The table and the folders say the same: every module has a row and a README, every row a folder, every code file a module. */
import { type Module, moduleOf } from '../architecture.ts';
import { isCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

/** Folders whose every subfolder is a module of its own. */
const familyFolders = ['server/src/books', 'server/src/domains', 'server/src/edge', 'web/src/pages'];

export function checkModules(tree: Tree, modules: readonly Module[]): Violation[] {
  return [
    ...modules.flatMap((module) => checkRow(tree, modules, module)),
    ...tree.files
      .filter((path) => isCode(path) && path.includes('/') && moduleOf(modules, path) === undefined)
      .map((path) => ({ rule: 'modules', path, message: 'belongs to no module of the table in ARCHITECTURE.md' })),
    ...membersOf(tree)
      .filter((folder) => !modules.some((module) => module.folder === folder))
      .map((folder) => ({ rule: 'modules', path: folder, message: 'has no row in the table of ARCHITECTURE.md' })),
  ];
}

function checkRow(tree: Tree, modules: readonly Module[], { name, folder, modules: may }: Module): Violation[] {
  const violations: Violation[] = [];
  const say = (message: string) => violations.push({ rule: 'modules', path: folder, message });
  const isFile = tree.files.includes(folder);
  if (!isFile && !tree.files.some((path) => path.startsWith(`${folder}/`))) say('is in the table, not on disk');
  else if (!isFile && !within(modules, folder) && !tree.files.includes(`${folder}/README.md`)) say('has no README.md');
  if (modules.filter((other) => other.name === name).length > 1) say('is in the table twice');
  for (const other of may)
    if (!other.includes('*') && !modules.some((module) => module.name === other))
      say(`may import ${other}, which is no module of the table`);
  return violations;
}

/** A module inside another, as verifier/node in verifier, is told of in the outer one's README. */
function within(modules: readonly Module[], folder: string): boolean {
  return modules.some((other) => other.folder !== 'server' && folder.startsWith(`${other.folder}/`));
}

function membersOf(tree: Tree): string[] {
  const found = tree.files.flatMap((path) =>
    familyFolders
      .filter((family) => isCode(path) && path.startsWith(`${family}/`))
      .map((family) => `${family}/${path.slice(family.length + 1).split('/')[0]}`),
  );
  return [...new Set(found)];
}
