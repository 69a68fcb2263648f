/** Files of at most 400 lines, folders of at most 15 files, tests aside. Functions are Biome's: noExcessiveLinesPerFunction in biome.json. */
import { isCode, isTestCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const maxLines = 400;
const maxFiles = 15;
/** What everything stands on stays small. */
const maxFilesOf: Readonly<Record<string, number>> = { 'server/src/base': 10 };

const counted = /\.(tsx?|sql|css)$/;

export function checkSizes(tree: Tree): Violation[] {
  return [...longFiles(tree), ...fullFolders(tree)];
}

function longFiles(tree: Tree): Violation[] {
  return tree.files
    .filter((path) => counted.test(path))
    .map((path) => ({ path, lines: tree.read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => ({ rule: 'file-size', path, message: `has ${lines} lines, more than ${maxLines}` }));
}

function fullFolders(tree: Tree): Violation[] {
  const count = new Map<string, number>();
  for (const path of tree.files.filter((file) => isCode(file) && !isTestCode(file))) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    count.set(folder, (count.get(folder) ?? 0) + 1);
  }
  return [...count]
    .map(([path, files]) => ({ path, files, most: maxFilesOf[path] ?? maxFiles }))
    .filter(({ files, most }) => files > most)
    .map(({ path, files, most }) => ({
      rule: 'folder-size',
      path,
      message: `has ${files} code files, more than ${most}`,
    }));
}
