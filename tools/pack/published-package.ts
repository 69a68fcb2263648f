/** The package.json that is published, from the one of the workspace: there the code runs as TypeScript, packed it is JavaScript in dist/. */

export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** Members that mean something in the workspace only. */
const workspaceOnly = ['devDependencies', 'scripts', 'private', 'files'];

/** @throws Error when an export is not a TypeScript file below src/ */
export function publishedPackage(workspace: PackageJson): object {
  const kept = Object.entries(workspace).filter(([member]) => !workspaceOnly.includes(member));
  return {
    ...Object.fromEntries(kept),
    engines: { node: '>=20.12' },
    files: ['bin', 'dist'],
    exports: Object.fromEntries(Object.entries(workspace.exports).map(([name, path]) => [name, builtOf(path)])),
  };
}

/** `types` first: the first condition that fits is taken. */
function builtOf(path: string): { types: string; default: string } {
  const [, stem] = /^\.\/src\/(.+)\.ts$/.exec(path) ?? [];
  if (stem === undefined) throw new Error(`${path} is no TypeScript file below src/`);
  return { types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` };
}
