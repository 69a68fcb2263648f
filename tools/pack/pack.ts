/**
 * Makes the packages that strangers install. Each is staged in a folder of its own, because the workspace's packages must go on exporting
 * TypeScript: a dist/ beside src/ would be run in its stead and grow old.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type PackageJson, publishedPackage } from './published-package.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

interface Packed {
  readonly folder: string;
  /** What is exported, and what it imports, is built; the rest of src/ stays at home. */
  readonly built: readonly string[];
  /** Beside the built code. */
  readonly copied: readonly string[];
  /** Packages of ours that it imports, built before. */
  readonly on: readonly string[];
}

const packages: readonly Packed[] = [
  {
    folder: 'verifier',
    built: ['src/index.ts', 'src/node/index.ts', 'src/node/main.ts'],
    copied: ['bin', 'README.md'],
    on: [],
  },
  {
    folder: 'client',
    built: ['src/index.ts', 'src/contract/index.ts', 'src/node/index.ts'],
    copied: ['README.md'],
    on: ['verifier'],
  },
];

/** Stages and packs all of them below `out`, which is made anew. @returns paths of the tarballs @throws what the compiler or npm says */
export async function packAll(out: string): Promise<string[]> {
  await rm(out, { recursive: true, force: true });
  const tarballs: string[] = [];
  for (const one of packages) {
    const stage = join(out, one.folder);
    await mkdir(stage, { recursive: true });
    await build(one, stage, out);
    for (const name of one.copied) await cp(join(root, one.folder, name), join(stage, name), { recursive: true });
    for (const name of ['LICENSE', 'NOTICE']) await cp(join(root, name), join(stage, name));
    const workspace = JSON.parse(await readFile(join(root, one.folder, 'package.json'), 'utf8')) as PackageJson;
    await writeFile(join(stage, 'package.json'), `${JSON.stringify(publishedPackage(workspace), null, 2)}\n`);
    tarballs.push(await npmPack(stage, out));
  }
  return tarballs;
}

/** By the compiler itself, with the settings that the workspace is checked with. */
async function build({ folder, built, on }: Packed, stage: string, out: string): Promise<void> {
  const config = join(stage, 'tsconfig.json');
  const paths = on.map((name) => [`@rivulet/${name}`, [join(out, name, 'dist/index.d.ts')]]);
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, folder, 'src'),
      outDir: join(stage, 'dist'),
      typeRoots: [join(root, 'node_modules/@types')],
      paths: Object.fromEntries(paths),
    },
    include: [],
    files: built.map((path) => join(root, folder, path)),
  };
  await writeFile(config, JSON.stringify(settings));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]).catch(sayOutput);
  await rm(config);
}

async function npmPack(stage: string, out: string): Promise<string> {
  const ran = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], { cwd: stage });
  const { stdout } = await ran.catch(sayOutput);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(out, filename);
}

function sayOutput(error: Error & { stdout?: string; stderr?: string }): never {
  throw new Error(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
}
