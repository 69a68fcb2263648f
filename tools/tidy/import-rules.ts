/** The module table as rules for dependency-cruiser. */
import type { IFlattenedRuleSet, IForbiddenRuleType } from 'dependency-cruiser';
import { faceOf, type Module } from './architecture.ts';
import { type Tree, testCode } from './tree.ts';

/** Types that a build generates beside a page; they exist only after it. */
const generated = '/\\+types/';
const publicPackages = '^(verifier|client)/';
const privateFolders = '^(server|web|test|bench|tools)/';

export function importRules(tree: Tree, modules: readonly Module[]): IFlattenedRuleSet {
  return {
    forbidden: [
      ...modules.flatMap((module) => rulesOf(tree, modules, module)),
      {
        name: 'public-imports-public',
        severity: 'error',
        from: { path: publicPackages },
        to: { path: privateFolders },
      },
      {
        name: 'no-test-code-in-source',
        severity: 'error',
        from: { pathNot: [testCode.source, '^tools/'] },
        to: { path: testCode.source, pathNot: 'node_modules' },
      },
      {
        name: 'resolvable',
        severity: 'error',
        from: {},
        to: { couldNotResolve: true, pathNot: generated },
      },
      {
        name: 'no-cycles',
        severity: 'error',
        from: { pathNot: testCode.source },
        to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      },
    ],
  };
}

function rulesOf(tree: Tree, modules: readonly Module[], module: Module): IForbiddenRuleType[] {
  const others = modules.filter(({ name }) => name !== module.name);
  const inside = others
    .filter(({ folder }) => folder.startsWith(`${module.folder}/`))
    .map(({ folder }) => within(folder));
  const from = { path: within(module.folder), pathNot: [...inside, testCode.source] };
  const own = inside.length === 0 ? within(module.folder) : `(?!${inside.join('|')})${within(module.folder)}`;
  const named = others.filter(({ name }) => allows(module.modules, name));
  // A second way into a package (verifier/node) is made of the package's own files.
  const around = named
    .filter(({ folder }) => module.folder.startsWith(`${folder}/`))
    .map(({ folder }) => within(folder));
  const faces = named.flatMap((other) => faceOf(tree, other)).map(exactly);
  const anyPackage = module.packages.includes('*') ? ['(^|/)node_modules/'] : [];
  const may = [own, generated, ...anyPackage, ...around, ...faces, ...module.packages.map(installed)];
  const rules: IForbiddenRuleType[] = [
    {
      name: `table:${module.name}`,
      severity: 'error',
      comment: `not in the row of ${module.name} in ARCHITECTURE.md, or not through its index.ts`,
      from,
      to: { pathNot: may, dependencyTypesNot: ['core'], couldNotResolve: false },
    },
  ];
  if (!allows(module.packages, 'node:*'))
    rules.push({
      name: `table:${module.name}-node`,
      severity: 'error',
      comment: `the row of ${module.name} in ARCHITECTURE.md does not have node:*`,
      from,
      to: { dependencyTypes: ['core'] },
    });
  if (module.folder.startsWith('server/src/'))
    rules.push({
      name: `by-name:${module.name}`,
      severity: 'error',
      comment: 'another module is imported by name (#books/…), not by path',
      from,
      to: { path: '^server/src/', pathNot: own, dependencyTypesNot: ['aliased-subpath-import'] },
    });
  return rules;
}

function allows(list: readonly string[], name: string): boolean {
  return list.some(
    (item) => item === '*' || item === name || (item.endsWith('/*') && name.startsWith(item.slice(0, -1))),
  );
}

function within(folder: string): string {
  return /\.tsx?$/.test(folder) ? exactly(folder) : `^${escaped(folder)}/`;
}

function exactly(path: string): string {
  return `^${escaped(path)}$`;
}

function installed(name: string): string {
  const scope = name.endsWith('/*') ? name.slice(0, -1) : `${name}/`;
  return `(^|/)node_modules/(@types/)?${escaped(scope)}`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
