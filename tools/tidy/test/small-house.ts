/** A small tidy house in a temporary folder, for tests to break one thing in. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTree, type Tree } from '../tree.ts';

const architecture = `# Small

| module | holds | may import | packages |
| --- | --- | --- | --- |
| \`verifier\` | proofs | | \`@noble/*\` |
| \`verifier/node\` | proofs over files | \`verifier\` | \`node:*\` |
| \`base\` | ground | | |
| \`books/log\` | a log | \`base\` | |
| \`books/ledger\` | a ledger | \`base\` \`books/log\` \`verifier\` | \`node:*\` \`pg\` |
| \`domains/giving\` | giving | \`base\` \`books/ledger\` | |
| \`server\` | wiring | \`*\` | \`*\` |
| \`web\` | pages | | |
| \`test\` | tests | \`*\` | \`*\` |

More words.
`;

const house: Readonly<Record<string, string>> = {
  'ARCHITECTURE.md': architecture,
  '.gitignore': 'node_modules/\n',
  '.npmrc': 'omit-lockfile-registry-resolved=true\n',
  'package-lock.json': '{ "packages": { "verifier": { "resolved": "verifier" } } }\n',
  'server/package.json': JSON.stringify({
    name: '@small/server',
    type: 'module',
    imports: {
      '#base/*': './src/base/*.ts',
      '#books/*': './src/books/*/index.ts',
      '#domains/*': './src/domains/*/index.ts',
    },
  }),
  'server/README.md': '',
  'server/migrations/0001-ledger.sql': 'create schema ledger;\n',
  'server/migrations/0002-log.sql': 'create schema log;\n',
  'server/src/main.ts': "import '#domains/giving';\nexport const port = process.env.PORT;\n",
  'server/src/base/README.md': '',
  'server/src/base/fault.ts': 'export class Fault extends Error {}\n',
  'server/src/books/log/README.md': '',
  'server/src/books/log/index.ts': "export { head } from './head.ts';\n",
  'server/src/books/log/head.ts': 'export const head = 0;\n',
  'server/src/books/ledger/README.md': '',
  'server/src/books/ledger/index.ts':
    "import { proof } from '@rivulet/verifier';\nimport { head } from '#books/log';\nexport { post } from './post.ts';\nexport const start = head + proof;\n",
  'server/src/books/ledger/post.ts': "import { Fault } from '#base/fault';\nexport const post = Fault;\n",
  'server/src/books/ledger/store.ts': 'export const sql = `select amount from ledger.transfer`;\n',
  'server/src/domains/giving/README.md': '',
  'server/src/domains/giving/index.ts': "import { post } from '#books/ledger';\nexport const give = post;\n",
  'verifier/package.json': JSON.stringify({
    name: '@rivulet/verifier',
    type: 'module',
    exports: { '.': './src/index.ts' },
  }),
  'verifier/README.md': '',
  'verifier/src/index.ts': "export { proof } from './proof.ts';\n",
  'verifier/src/proof.ts': 'export const proof = 1;\n',
  'verifier/src/node/README.md': '',
  'verifier/src/node/index.ts': "import 'node:fs';\nexport { proof } from '../proof.ts';\n",
  'web/README.md': '',
  'web/src/words.en.ts': "export const words = { title: 'Gifts of {{name}}' };\n",
  'web/src/words.zh.ts': "export const words = { title: '{{name}}的捐赠' };\n",
  'test/README.md': '',
  'test/give.test.ts': "import { give } from '../server/src/domains/giving/index.ts';\nexport const gift = give;\n",
};

export interface Change {
  /** Files to write over the house, by path. */
  readonly write?: Readonly<Record<string, string>>;
  /** Files to leave out. */
  readonly without?: readonly string[];
}

/** Hands `use` the house with a change in it; the folder goes afterwards. */
export async function inHouse<T>({ write = {}, without = [] }: Change, use: (tree: Tree) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'rivulet-tidy-'));
  try {
    for (const [path, text] of Object.entries({ ...house, ...write })) {
      if (without.includes(path)) continue;
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    mkdirSync(join(root, 'node_modules/@rivulet'), { recursive: true });
    symlinkSync('../../verifier', join(root, 'node_modules/@rivulet/verifier'));
    for (const name of ['pg', '@noble/hashes']) installPackage(root, name);
    execFileSync('git', ['init', '-q'], { cwd: root });
    return await use(readTree(root));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function installPackage(root: string, name: string): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), '');
}
