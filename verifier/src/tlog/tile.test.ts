import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../bytes.ts';
import { leafHash } from './merkle.ts';
import { leafTile, openBundle, parseTilePath, tilePath, widthInTree } from './tile.ts';

test('tile paths are those of tlog-tiles', () => {
  const rows: [Parameters<typeof tilePath>, string][] = [
    [[0, 0], 'tile/0/000'],
    [[0, 0, 255], 'tile/0/000.p/255'],
    [[1, 1234067], 'tile/1/x001/x234/067'],
    [['entries', 999, 7], 'tile/entries/999.p/7'],
    [['entries', 1000], 'tile/entries/x001/000'],
    [[5, 1_000_000], 'tile/5/x001/x000/000'],
  ];
  for (const [named, path] of rows) {
    assert.equal(tilePath(...named), path);
    assert.deepEqual(parseTilePath(path), { level: named[0], n: named[1], width: named[2] ?? 256 });
  }
});

test('a tile has one path', () => {
  for (const path of [
    'tile/0/0',
    '/tile/0/000',
    'tile/00/000',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/0/001/x000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/x001/x234/067/',
    'tile/entries/../000',
  ]) {
    assert.equal(parseTilePath(path), null, path);
  }
});

test('the widths of tiles in a tree of 70,000', () => {
  const rows: [level: number, n: number, width: number][] = [
    [0, 272, 256],
    [0, 273, 112],
    [0, 274, 0],
    [1, 0, 256],
    [1, 1, 17],
    [2, 0, 1],
    [3, 0, 0],
  ];
  for (const [level, n, width] of rows) assert.equal(widthInTree(level, n, 70_000), width);
  assert.equal(widthInTree('entries', 273, 70_000), 112);
});

test('a bundle opens into its entries, hashes to its tile, and is left as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
      const bytes = concatBytes(
        ...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
      );
      const before = bytes.slice();
      assert.deepEqual(openBundle(bytes), entries);
      assert.deepEqual(leafTile(bytes), concatBytes(...entries.map(leafHash)));
      assert.deepEqual(bytes, before);
      if (bytes.length > 0) assert.throws(() => openBundle(bytes.subarray(0, -1)), { rule: 'bundle.framing' });
    }),
  );
  assert.throws(() => openBundle(new Uint8Array(257 * 2)), { rule: 'bundle.framing' });
});
