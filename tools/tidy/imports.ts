/**
 * Who imports whom, as dependency-cruiser reads it. It must read TypeScript through @swc/core: with TypeScript 7 alone it finds nothing and has no
 * violations, so a file on disk that it did not read is a violation here.
 */
import { createRequire } from 'node:module';
import { cruise, type ICruiseResult, type IFlattenedRuleSet, type IModule } from 'dependency-cruiser';
import { isCode, type Tree } from './tree.ts';
import type { Violation } from './violation.ts';

export interface Imports {
  readonly modules: readonly IModule[];
  readonly violations: readonly Violation[];
}

/** Reads every code file of the tree and judges it by `rules`. */
export async function readImports(tree: Tree, rules: IFlattenedRuleSet): Promise<Imports> {
  createRequire(import.meta.url).resolve('@swc/core');
  const code = tree.files.filter(isCode);
  const top = [...new Set(code.map((path) => path.split('/')[0] as string))];
  const { output } = await cruise(
    top,
    {
      baseDir: tree.root,
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)(build|dist|data|results|\\.react-router)/' },
      validate: true,
      ruleSet: rules,
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  );
  const { modules, summary } = output as ICruiseResult;
  const read = new Set(modules.map(({ source }) => source));
  const unread = code.filter((path) => !read.has(path));
  const none: Violation[] =
    code.length === 0 ? [{ rule: 'all-read', path: '.', message: 'no module was found to read' }] : [];
  return {
    modules,
    violations: [
      ...none,
      ...unread.map((path) => ({ rule: 'all-read', path, message: 'dependency-cruiser did not read it' })),
      ...summary.violations.map(({ rule, from, to, comment }) => ({
        rule: rule.name.replace(/:.*/, ''),
        path: from,
        message: `imports ${to}${comment ? `: ${comment}` : ''}`,
      })),
    ],
  };
}
