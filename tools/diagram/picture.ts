/** The picture as it should be now. */
import { readArchitecture } from '../tidy/architecture.ts';
import { readImports } from '../tidy/imports.ts';
import type { Tree } from '../tidy/tree.ts';
import { draw } from './draw.ts';
import { readEdges } from './edges.ts';

export const picturePath = 'docs/architecture.svg';

export async function pictureOf(tree: Tree): Promise<string> {
  const modules = readArchitecture(tree);
  const imports = await readImports(tree, { forbidden: [] });
  return draw(modules, readEdges(imports, modules));
}
