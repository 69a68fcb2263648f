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
  const { output } = await cruise(
    code,
    {
      baseDir: tree.root,
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
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
  return {
    modules,
    violations: [
      ...unread(code, modules),
      ...summary.violations.map(({ rule, from, to, comment }) => ({
        rule: rule.name.replace(/:.*/, ''),
        path: from,
        message: `imports ${to}${comment ? `: ${comment}` : ''}`,
      })),
    ],
  };
}

/** What is on disk and was not read. No code at all is as bad: it is how a blind reader looks. */
export function unread(code: readonly string[], modules: readonly { readonly source: string }[]): Violation[] {
  const read = new Set(modules.map(({ source }) => source));
  const missed = code.filter((path) => !read.has(path));
  if (code.length === 0) return [{ rule: 'all-read', path: '.', message: 'no code was found' }];
  return missed.map((path) => ({ rule: 'all-read', path, message: 'dependency-cruiser did not read it' }));
}
