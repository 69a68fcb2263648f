/** All rules over one tree. */
import { allowed, type Exception } from './allowed.ts';
import { readArchitecture } from './architecture.ts';
import { importRules } from './import-rules.ts';
import { readImports } from './imports.ts';
import { checkEnvironment } from './rules/environment.ts';
import { checkLanguages } from './rules/languages.ts';
import { checkLinks } from './rules/links.ts';
import { checkMigrations } from './rules/migrations.ts';
import { checkModules } from './rules/modules.ts';
import { checkNames } from './rules/names.ts';
import { checkRegistry } from './rules/registry.ts';
import { checkSizes } from './rules/sizes.ts';
import { checkSql } from './rules/sql.ts';
import type { Tree } from './tree.ts';
import type { Violation } from './violation.ts';

/** @returns what is not as it should be, sorted by path; nothing when the house is tidy */
export async function tidy(tree: Tree, exceptions: readonly Exception[] = allowed): Promise<Violation[]> {
  const modules = readArchitecture(tree);
  const imports = await readImports(tree, importRules(tree, modules));
  const found = [
    ...imports.violations,
    ...checkModules(tree, modules),
    ...checkSizes(tree),
    ...checkNames(tree),
    ...checkEnvironment(tree),
    ...checkSql(tree),
    ...(await checkLanguages(tree)),
    ...checkMigrations(tree),
    ...checkLinks(tree),
    ...checkRegistry(tree),
  ];
  const stale = exceptions
    .filter((exception) => !found.some((violation) => excepts(exception, violation)))
    .map(({ rule, path }) => ({
      rule: 'stale-exception',
      path,
      message: `tools/tidy/allowed.ts excepts it from ${rule} for nothing`,
    }));
  const left = found.filter((violation) => !exceptions.some((exception) => excepts(exception, violation)));
  return [...left, ...stale].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function excepts(exception: Exception, violation: Violation): boolean {
  const { rule, path, what } = exception;
  return rule === violation.rule && path === violation.path && (what === undefined || what === violation.what);
}
