import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyConsistency } from '@rivulet/verifier';
import fc from 'fast-check';
import { SmallLog } from '../../test/small-log.ts';
import { TileMissing, TileTree } from './tile-tree.ts';

const log = new SmallLog();
for (let i = 0; i < 1_000; i += 1) log.append(`entry ${i}`);
const read = async (path: string) => log.tile(path);

test('a proof put together from tiles is the proof that verifies, for any two sizes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }), async (a, b) => {
      const [one, two] = a <= b ? [a, b] : [b, a];
      const proof = await new TileTree(read, two).consistency(one);
      assert.equal(verifyConsistency(one, two, proof, log.root(0, one), log.root(0, two)), true);
      assert.equal(one !== two && verifyConsistency(one, two, proof, log.root(0, one), log.root(0, two - 1)), false);
    }),
    { numRuns: 150 },
  );
});

test('leaf hashes are read across tiles', async () => {
  const leaves = await new TileTree(read, 1_000).leaves(250, 770);
  assert.equal(leaves.length, 521 * 32);
  assert.deepEqual(leaves.subarray(0, 32), log.leaves[250]);
  assert.deepEqual(leaves.subarray(520 * 32), log.leaves[770]);
});

test('where a partial tile is gone the full one serves', async () => {
  const tree = new TileTree(async (path) => (path.includes('.p/') ? null : log.tile(path)), 500);
  assert.deepEqual((await tree.leaves(499, 499)).length, 32);
});

test('a missing tile is said by name', async () => {
  const tree = new TileTree(async () => null, 500);
  await assert.rejects(
    tree.consistency(100),
    (error) => error instanceof TileMissing && error.message.startsWith('tile/0/'),
  );
});
