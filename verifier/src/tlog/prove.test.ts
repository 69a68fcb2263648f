import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, utf8 } from '../bytes.ts';
import { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { proveConsistency, proveInclusion } from './prove.ts';
import type { LogSource } from './source.ts';
import { tilePath } from './tile.ts';
import { TileTree } from './tile-tree.ts';
import { GrowingTree, rootOf } from './tree.ts';

const leaves = Array.from({ length: 70_000 }, (_, i) => leafHash(utf8(`leaf ${i}`)));

/** The definition: RFC 6962 section 2.1. */
function treeHash(from: number, to: number): Uint8Array {
  if (to === from) return emptyRoot();
  if (to - from === 1) return leaves[from] as Uint8Array;
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  return nodeHash(treeHash(from, from + half), treeHash(from + half, to));
}

interface Grown {
  source: LogSource;
  root: Uint8Array;
  files: Map<string, Uint8Array>;
}

const grown = new Map<number, Grown>();

/** A tree of `size` leaves with its tiles in memory. */
function grow(size: number): Grown {
  const had = grown.get(size);
  if (had) return had;
  const files = new Map<string, Uint8Array>();
  const growing = new GrowingTree((level, n, hashes) =>
    files.set(tilePath(level, n, hashes.length / 32), hashes.slice()),
  );
  for (let at = 0; at < size; at += 256) growing.append(concatBytes(...leaves.slice(at, Math.min(at + 256, size))));
  const root = growing.close();
  const tree = { source: { name: 'memory', read: async (path: string) => files.get(path) ?? null }, root, files };
  grown.set(size, tree);
  return tree;
}

const size = fc.oneof(
  fc.integer({ min: 1, max: 1200 }),
  fc.constantFrom(255, 256, 257, 65_535, 65_536, 65_537, 70_000),
);

test('the root over hashes side by side is that of RFC 6962', () => {
  for (const count of [1, 2, 3, 5, 8, 100, 255, 256]) {
    assert.deepEqual(rootOf(concatBytes(...leaves.slice(0, count))), treeHash(0, count));
  }
  assert.deepEqual(new GrowingTree().close(), emptyRoot());
});

test('a tree of 70,000 leaves has the tiles that tlog-tiles lists for it', () => {
  const { files, root } = grow(70_000);
  assert.deepEqual(root, treeHash(0, 70_000));
  const names = [...files.keys()];
  assert.equal(names.filter((name) => /^tile\/0\/[0-9]+$/.test(name)).length, 273);
  for (const name of ['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1'])
    assert.ok(files.has(name), name);
  assert.equal(names.length, 277);
});

test('inclusion proofs built from tiles verify', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), async (size, pick) => {
      const index = pick % size;
      const { source, root } = grow(size);
      const tree = new TileTree(source, size, root);
      const proof = await proveInclusion(index, size, (height, n) => tree.hash(height, n));
      assert.ok(verifyInclusion(index, size, leaves[index] as Uint8Array, proof, root));
      assert.ok(!verifyInclusion(index, size, leaves[index + 1] as Uint8Array, proof, root));
    }),
    { numRuns: 50 },
  );
});

test('consistency proofs built from tiles verify', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), async (size, pick) => {
      const old = 1 + (pick % size);
      const { source, root } = grow(size);
      const tree = new TileTree(source, size, root);
      const proof = await proveConsistency(old, size, (height, n) => tree.hash(height, n));
      assert.ok(verifyConsistency(old, size, proof, treeHash(0, old), root));
      if (old < size) assert.ok(!verifyConsistency(old, size, proof, leafHash(utf8('other')), root));
    }),
    { numRuns: 50 },
  );
});

test('a flipped bit in any tile that a proof needs is found and the tile named', async () => {
  const { source, root, files } = grow(70_000);
  const tree = () => new TileTree(source, 70_000, root);
  await tree().hash(0, 5);
  for (const path of ['tile/0/000', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1']) {
    const tile = files.get(path) as Uint8Array;
    const flip = () => tile.set([(tile[9] as number) ^ 4], 9);
    flip();
    await assert.rejects(tree().hash(0, 5), (error: { where: string; rule: string }) => error.where.includes(path));
    flip();
  }
});

test('a partial tile that is gone is read from the full one', async () => {
  const { files } = grow(600);
  const { root } = grow(300);
  files.set('tile/1/000.p/1', grow(300).files.get('tile/1/000.p/1') as Uint8Array);
  const tree = new TileTree({ name: 'memory', read: async (path) => files.get(path) ?? null }, 300, root);
  assert.deepEqual(await tree.hash(0, 299), leaves[299]);
});
