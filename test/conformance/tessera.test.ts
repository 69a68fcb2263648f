/** A small log that another implementation wrote and signed: every checkpoint, tile and pair of sizes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Checkpoint,
  GrowingTree,
  leafTile,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  proveConsistency,
  proveInclusion,
  readBundle,
  readTile,
  TileTree,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@rivulet/verifier';
import { folderSource } from '@rivulet/verifier/node';
import { shared, skipWithout } from '../support/shared.ts';

const folder = 'vectors/tlog/tessera/testdata/log';
const skip = skipWithout(folder);
const key = parseVerifierKey('example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx');
const source = folderSource(shared(folder) ?? '');

function checkpointAt(size: number): Checkpoint {
  const note = readFileSync(`${shared(folder)}/checkpoint.${size}`, 'utf8');
  assert.equal(verifyNote(parseNote(note), [key]).length, 1);
  return parseCheckpoint(note);
}

test('all 16 checkpoints are signed by the published key and have the root of their entries', { skip }, async () => {
  for (let size = 0; size <= 15; size++) {
    const checkpoint = checkpointAt(size);
    assert.equal(checkpoint.size, size);
    assert.equal(checkpoint.origin, 'example.com/log/testdata');
    const tree = new GrowingTree();
    if (size > 0) {
      const leaves = leafTile((await readBundle(source, 0, size)).bytes);
      assert.deepEqual(leaves, new Uint8Array(await readTile(source, 0, 0, size)));
      tree.append(leaves);
    }
    assert.deepEqual(tree.close(), checkpoint.root);
  }
});

test('every pair of sizes is consistent and every entry is included, with proofs built from the tiles', {
  skip,
}, async () => {
  for (let size = 1; size <= 15; size++) {
    const { root } = checkpointAt(size);
    const tree = new TileTree(source, size, root);
    const hashAt = (height: number, n: number) => tree.hash(height, n);
    for (let old = 1; old <= size; old++) {
      const consistency = await proveConsistency(old, size, hashAt);
      assert.ok(verifyConsistency(old, size, consistency, checkpointAt(old).root, root));
      const inclusion = await proveInclusion(old - 1, size, hashAt);
      assert.ok(verifyInclusion(old - 1, size, await tree.hash(0, old - 1), inclusion, root));
    }
  }
});
