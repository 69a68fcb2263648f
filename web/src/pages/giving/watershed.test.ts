import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watershed } from './watershed.ts';

const country = { width: 1120, height: 280, outletX: 356, riverWidth: 20, springs: 56, seed: 9 };

test('every spring reaches the outlet, through reaches that only get wider', () => {
  const reaches = watershed(country);
  assert.equal(reaches.filter(({ spring }) => spring).length, country.springs);
  for (const start of reaches) {
    let at = start;
    for (let steps = 0; at.into !== -1; steps += 1) {
      assert.ok(steps < reaches.length, 'no circles');
      const next = reaches[at.into];
      assert.ok(next !== undefined && next.width >= at.width);
      at = next;
    }
    assert.ok(at.path.endsWith(`${country.outletX} ${country.height}`));
    assert.equal(at.width, country.riverWidth);
  }
});

test('the same seed draws the same country', () => {
  assert.deepEqual(watershed(country), watershed({ ...country }));
  assert.notDeepEqual(watershed(country), watershed({ ...country, seed: 10 }));
});
