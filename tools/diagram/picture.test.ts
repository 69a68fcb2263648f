import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { inHouse } from '../tidy/test/small-house.ts';
import { readTree } from '../tidy/tree.ts';
import { reduce } from './edges.ts';
import { pictureOf, picturePath } from './picture.ts';

test('docs/architecture.svg shows the imports as they are; npm run diagram draws it again', async () => {
  const tree = readTree(resolve(import.meta.dirname, '../..'));
  assert.equal(tree.read(picturePath), await pictureOf(tree));
});

test('a new import between modules changes the picture, one within a module does not', async () => {
  const before = await inHouse({}, pictureOf);
  const within = await inHouse(
    { write: { 'server/src/books/log/index.ts': "export * from './head.ts';\n" } },
    pictureOf,
  );
  assert.equal(within, before);
  const across = { 'server/src/books/log/head.ts': "import '#base/fault';\nexport const head = 0;\n" };
  assert.notEqual(await inHouse({ write: across }, pictureOf), before);
});

test('a line that follows from others is left out, whatever their order', () => {
  const edge = (from: string, to: string) => ({ from, to });
  const kept = reduce([edge('a', 'c'), edge('a', 'b'), edge('b', 'c'), edge('d', 'c')]);
  assert.deepEqual(kept, [edge('a', 'b'), edge('b', 'c'), edge('d', 'c')]);
});
