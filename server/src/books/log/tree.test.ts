import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leafHash, openBundle, rootOf, tileWidth, widthInTree } from '@rivulet/verifier';
import fc from 'fast-check';
import type { NewFile } from './log-files.ts';
import { Tree } from './tree.ts';

/** Entry `i` of every tree here. */
function entry(i: number): string {
  return `entry ${i}`;
}

function framed(from: number, to: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = from; i < to; i++) {
    const bytes = Buffer.from(entry(i));
    parts.push(Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes);
  }
  return Buffer.concat(parts);
}

const leaves = Buffer.concat(Array.from({ length: 66_000 }, (_, i) => leafHash(Buffer.from(entry(i)))));

/** RFC 6962's root of the first `size` entries, by another implementation. */
function expectedRoot(size: number): Buffer {
  return Buffer.from(size === 0 ? Tree.empty().root() : rootOf(leaves.subarray(0, size * 32)));
}

/** Grows a tree through `sizes`, checking each root, keeping its files as a store would. */
function grow(sizes: readonly number[]): Map<string, Uint8Array> {
  const store = new Map<string, Uint8Array>();
  const tree = Tree.empty();
  for (const size of sizes) {
    tree.append(framed(tree.size, size), size - tree.size);
    keep(store, tree.takeFiles());
    assert.deepEqual(tree.root(), expectedRoot(size));
  }
  return store;
}

function keep(store: Map<string, Uint8Array>, files: readonly NewFile[]): void {
  for (const { path, bytes } of files) {
    assert.ok(!store.has(path), `${path} is written once`);
    store.set(path, Uint8Array.from(bytes));
  }
}

const someSizes = fc
  .uniqueArray(fc.oneof(fc.nat(66_000), fc.constantFrom(1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((sizes) => sizes.sort((a, b) => a - b));

test('a tree grown in any steps has the root of RFC 6962 and exactly the tiles of its sizes', () => {
  fc.assert(
    fc.property(someSizes, (sizes) => {
      const store = grow(sizes);
      const size = sizes.at(-1) as number;
      for (let level = 0; level < 3; level++) {
        const hashes = Math.floor(size / tileWidth ** level);
        const full = [...store.keys()].filter((path) => path.startsWith(`tile/${level}/`) && !path.includes('.p/'));
        assert.equal(full.length, Math.floor(hashes / tileWidth));
        const width = widthInTree(level, Math.floor(hashes / tileWidth), size);
        const partial = [...store].find(([path]) => path.startsWith(`tile/${level}/`) && path.endsWith(`.p/${width}`));
        if (width > 0) assert.equal(partial?.[1].length, width * 32);
      }
      assert.equal(openBundle(store.get('tile/entries/000') ?? Buffer.alloc(0)).length, size >= 256 ? 256 : 0);
    }),
    { numRuns: 12 },
  );
});

test('a tree loaded from its files goes on as if it had never been away', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(65_900), fc.integer({ min: 1, max: 600 }), async (first, more) => {
      const size = Math.min(first + more, 66_000);
      const store = grow([first]);
      const tree = await Tree.load(first, async (path) => store.get(path) ?? null);
      assert.deepEqual(tree.takeFiles(), []);
      tree.append(framed(first, size), size - first);
      assert.deepEqual(tree.root(), expectedRoot(size));
      keep(store, tree.takeFiles());
      const straight = grow([first, size]);
      assert.deepEqual([...store.keys()].sort(), [...straight.keys()].sort());
      for (const [path, bytes] of straight) assert.ok(Buffer.from(bytes).equals(store.get(path) as Uint8Array), path);
    }),
    { numRuns: 12 },
  );
});

test('a partial tile that is gone is read from the full one', async () => {
  const store = grow([300, 600]);
  for (const path of ['tile/0/001.p/44', 'tile/entries/001.p/44']) store.delete(path);
  const tree = await Tree.load(300, async (path) => store.get(path) ?? null);
  assert.deepEqual(tree.root(), expectedRoot(300));
});

test('a missing or damaged edge stops the book and is named', async () => {
  const store = grow([300]);
  const bundle = store.get('tile/entries/001.p/44') as Uint8Array;
  bundle[5] = (bundle[5] as number) ^ 1;
  const read = async (path: string) => store.get(path) ?? null;
  await assert.rejects(Tree.load(300, read), { reason: 'damaged', names: 'tile/entries/001.p/44' });
  store.delete('tile/1/000.p/1');
  await assert.rejects(Tree.load(300, read), { reason: 'missing', names: 'tile/1/000.p/1' });
});

test('framing that is cut off, or holds another count than said, is refused', () => {
  const bytes = framed(0, 3);
  assert.throws(() => Tree.empty().append(Buffer.from(bytes.subarray(0, -1)), 3), RangeError);
  assert.throws(() => Tree.empty().append(Buffer.from(bytes), 2), RangeError);
  assert.throws(() => Tree.empty().append(Buffer.from([0]), 0), RangeError);
});
