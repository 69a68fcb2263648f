/** The module table of ARCHITECTURE.md, read as what it is: the architecture. */
import type { Tree } from './tree.ts';

export interface Module {
  /** As in the table, for example `books/ledger`. */
  readonly name: string;
  /** Folder below the root that holds it, or its single file. */
  readonly folder: string;
  /** What it is, in the table's words. */
  readonly about: string;
  /** Names of modules whose face it may import; `*` is any. */
  readonly modules: readonly string[];
  /** npm packages it may import, `node:*` for what Node brings; `*` is any. */
  readonly packages: readonly string[];
}

const heading = /^\|\s*module\s*\|\s*holds\s*\|\s*may import\s*\|\s*packages\s*\|\s*$/m;
const layers = /^(base|books|domains|edge)$|^(books|domains|edge)\//;
const packages = /^(verifier|client|web)\/(.+)$/;

/** @throws Error when the document has no module table, or one without rows */
export function readArchitecture(tree: Tree): Module[] {
  const text = tree.read('ARCHITECTURE.md');
  const found = heading.exec(text);
  if (found === null) throw new Error('ARCHITECTURE.md has no table | module | holds | may import | packages |');
  const lines = text.slice(found.index).split('\n').slice(2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const modules = lines.slice(0, end === -1 ? undefined : end).map(readRow);
  if (modules.length === 0) throw new Error('the module table of ARCHITECTURE.md has no rows');
  return modules;
}

function readRow(line: string): Module {
  const cells = line.split('|').slice(1, -1);
  const name = quoted(cells[0] ?? '')[0];
  if (name === undefined || cells.length !== 4) throw new Error(`not a row of the module table: ${line}`);
  const [, about = '', modules = '', allowed = ''] = cells;
  return { name, folder: folderOf(name), about: about.trim(), modules: quoted(modules), packages: quoted(allowed) };
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
}

/** `books/log` lies in server/src, `verifier/node` in verifier/src, anything else where its name says. */
export function folderOf(name: string): string {
  if (layers.test(name)) return `server/src/${name}`;
  const inside = packages.exec(name);
  return inside ? `${inside[1]}/src/${inside[2]}` : name;
}

/** The module that a file belongs to: the one with the longest folder around it. */
export function moduleOf(modules: readonly Module[], path: string): Module | undefined {
  const around = modules.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return around.sort((a, b) => b.folder.length - a.folder.length)[0];
}

/**
 * The files of a module that others may import: its `index.ts`; where it has none, as `base`, every file; a file that is a module is its own.
 * A package's index lies in its `src`.
 */
export function faceOf(tree: Tree, module: Module): string[] {
  const index = [`${module.folder}/index.ts`, `${module.folder}/src/index.ts`].filter((path) =>
    tree.files.includes(path),
  );
  if (index.length > 0) return index;
  return tree.files.filter((path) => path === module.folder || path.startsWith(`${module.folder}/`));
}
