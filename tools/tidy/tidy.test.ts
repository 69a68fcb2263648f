import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArchitecture } from './architecture.ts';
import { unread } from './imports.ts';
import { type Change, inHouse } from './test/small-house.ts';
import { tidy } from './tidy.ts';

const lines = (count: number) => '// one\n'.repeat(count);
const files = (count: number, folder: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/file-${i}.ts`, `export const n = ${i};\n`]));

test('a small house that keeps every rule is tidy', async () => {
  assert.deepEqual(await inHouse({}, (tree) => tidy(tree, [])), []);
});

const broken: readonly (readonly [title: string, change: Change, violation: string])[] = [
  // Imports, from the table.
  [
    'a book that imports a domain',
    {
      write: { 'server/src/books/log/head.ts': "import { give } from '#domains/giving';\nexport const head = give;\n" },
    },
    'server/src/books/log/head.ts [table]',
  ],
  [
    'a type imported against the table',
    {
      write: {
        'server/src/books/log/head.ts': "import type { post } from '#books/ledger';\nexport type Head = typeof post;\n",
      },
    },
    'server/src/books/log/head.ts [table]',
  ],
  [
    'an export passed on against the table',
    { write: { 'server/src/books/log/index.ts': "export { post } from '#books/ledger';\n" } },
    'server/src/books/log/index.ts [table]',
  ],
  [
    'a dynamic import against the table',
    { write: { 'server/src/books/log/head.ts': "export const head = await import('#books/ledger');\n" } },
    'server/src/books/log/head.ts [table]',
  ],
  [
    'a file of another module behind its index.ts',
    { write: { 'server/src/books/ledger/post.ts': "export { head as post } from '../log/head.ts';\n" } },
    'server/src/books/ledger/post.ts [table]',
  ],
  [
    'another module imported by path',
    { write: { 'server/src/books/ledger/post.ts': "export { head as post } from '../log/index.ts';\n" } },
    'server/src/books/ledger/post.ts [by-name]',
  ],
  [
    'a package that is not in the row',
    { write: { 'server/src/domains/giving/index.ts': "import 'pg';\n" } },
    'server/src/domains/giving/index.ts [table]',
  ],
  [
    'what only Node brings, in code for browsers',
    { write: { 'verifier/src/proof.ts': "import 'node:fs';\nexport const proof = 1;\n" } },
    'verifier/src/proof.ts [table]',
  ],
  [
    'a public package that imports a private one, in a test',
    { write: { 'verifier/src/proof.test.ts': "import '../../server/src/base/fault.ts';\n" } },
    'verifier/src/proof.test.ts [public-imports-public]',
  ],
  [
    'source that imports test code',
    { write: { 'server/src/main.ts': "import '../../test/give.test.ts';\n" } },
    'server/src/main.ts [no-test-code-in-source]',
  ],
  [
    'an import of nothing',
    { write: { 'server/src/main.ts': "import './gone.ts';\n" } },
    'server/src/main.ts [resolvable]',
  ],
  [
    'two files that need each other',
    {
      write: {
        'server/src/books/log/head.ts': "import { tail } from './tail.ts';\nexport const head = () => tail;\n",
        'server/src/books/log/tail.ts': "import { head } from './head.ts';\nexport const tail = () => head;\n",
      },
    },
    'server/src/books/log/head.ts [no-cycles]',
  ],
  // The table and the folders.
  [
    'a module without a row',
    { write: { 'server/src/books/trace/index.ts': '', 'server/src/books/trace/README.md': '' } },
    'server/src/books/trace [modules]',
  ],
  [
    'a row without a module',
    { without: ['server/src/books/log/README.md', 'server/src/books/log/index.ts', 'server/src/books/log/head.ts'] },
    'server/src/books/log [modules]',
  ],
  ['a module without a README', { without: ['server/src/books/log/README.md'] }, 'server/src/books/log [modules]'],
  ['code outside every module', { write: { 'scripts/run.ts': '' } }, 'scripts/run.ts [modules]'],
  // Sizes and names.
  [
    'a file of 401 lines',
    { write: { 'server/src/books/log/head.ts': `${lines(400)}export const head = 0;\n` } },
    'server/src/books/log/head.ts [file-size]',
  ],
  ['a folder of 16 files', { write: files(14, 'server/src/books/log') }, 'server/src/books/log [folder-size]'],
  ['an eleventh file in base', { write: files(10, 'server/src/base') }, 'server/src/base [folder-size]'],
  ['a file in camel case', { write: { 'web/src/giftPage.ts': '' } }, 'web/src/giftPage.ts [kebab-case]'],
  ['a folder of helpers', { write: { 'web/src/helpers/date.ts': '' } }, 'web/src/helpers/date.ts [empty-name]'],
  ['a gift manager', { write: { 'web/src/gift-manager.ts': '' } }, 'web/src/gift-manager.ts [empty-name]'],
  // What is said where.
  [
    'a module that reads the environment',
    { write: { 'server/src/books/log/head.ts': 'export const head = process.env.HEAD;\n' } },
    'server/src/books/log/head.ts [environment]',
  ],
  [
    'SQL outside a store',
    { write: { 'server/src/books/ledger/post.ts': "export const post = 'delete from ledger.account';\n" } },
    'server/src/books/ledger/post.ts [sql-in-stores]',
  ],
  [
    "a store that reads another module's schema",
    { write: { 'server/src/books/ledger/store.ts': 'export const sql = `select size from log.signed`;\n' } },
    'server/src/books/ledger/store.ts [own-schema]',
  ],
  [
    'a word that has no Chinese',
    { write: { 'web/src/words.en.ts': "export const words = { title: 'Gifts of {{name}}', more: 'More' };\n" } },
    'web/src/words.zh.ts [both-languages]',
  ],
  [
    'a Chinese word that leaves out what the English fills in',
    { write: { 'web/src/words.zh.ts': "export const words = { title: '捐赠' };\n" } },
    'web/src/words.zh.ts [both-languages]',
  ],
  ['words in one language only', { without: ['web/src/words.zh.ts'] }, 'web/src/words.en.ts [both-languages]'],
  [
    'a refusal in English twice',
    {
      write: {
        'server/src/books/log/head.ts': "export const head = refusal('missing', 'no_head', 'no head', 'no head');\n",
      },
    },
    'server/src/books/log/head.ts [both-languages]',
  ],
  [
    'a gap between migrations',
    { write: { 'server/migrations/0004-late.sql': '' } },
    'server/migrations/0004-late.sql [migrations]',
  ],
  [
    'a migration without a number',
    { write: { 'server/migrations/more.sql': '' } },
    'server/migrations/more.sql [migrations]',
  ],
  ['a link to nothing', { write: { 'web/README.md': 'See [here](./there.md#top).\n' } }, 'web/README.md [links]'],
  [
    'a lock file that names a registry',
    { write: { 'package-lock.json': '{ "resolved": "https://registry.example/pg.tgz" }' } },
    'package-lock.json [no-registry]',
  ],
  [
    'an .npmrc that names a registry',
    { write: { '.npmrc': 'registry=https://registry.example/\n' } },
    '.npmrc [no-registry]',
  ],
];

for (const [title, change, violation] of broken)
  test(`tidy catches ${title}`, async () => {
    const found = await inHouse(change, (tree) => tidy(tree, []));
    const said = [...new Set(found.map(({ path, rule }) => `${path} [${rule}]`))];
    assert.ok(
      said.includes(violation),
      `expected ${violation}, found:\n${found.map((v) => JSON.stringify(v)).join('\n')}`,
    );
  });

test('an exception excepts its own violation, and one for nothing is a violation', async () => {
  const change = { write: { 'web/src/gift-manager.ts': '' } };
  const exception = { rule: 'empty-name', path: 'web/src/gift-manager.ts', reason: 'a test' };
  assert.deepEqual(await inHouse(change, (tree) => tidy(tree, [exception])), []);
  const stale = await inHouse({}, (tree) => tidy(tree, [exception]));
  assert.deepEqual(
    stale.map(({ rule }) => rule),
    ['stale-exception'],
  );
});

test('code that dependency-cruiser did not read is a violation, and so is no code at all', () => {
  const rules = (code: string[], read: string[]) =>
    unread(
      code,
      read.map((source) => ({ source })),
    ).map(({ path, rule }) => `${path} [${rule}]`);
  assert.deepEqual(rules(['a.ts', 'b.ts'], ['a.ts', 'b.ts', 'node_modules/pg/index.js']), []);
  assert.deepEqual(rules(['a.ts', 'b.ts'], []), ['a.ts [all-read]', 'b.ts [all-read]']);
  assert.deepEqual(rules([], []), ['. [all-read]']);
});

test('a document without the table, or with a row cut short, is refused', async () => {
  const read = (text: string) =>
    inHouse({ write: { 'ARCHITECTURE.md': text } }, async (tree) => readArchitecture(tree));
  await assert.rejects(read('# Words\n'), /has no table/);
  const head = '| module | holds | may import | packages |\n| --- | --- | --- | --- |\n';
  await assert.rejects(read(head), /no rows/);
  await assert.rejects(read(`${head}| \`base\` | ground |\n`), /not a row/);
});
