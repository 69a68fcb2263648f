import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeItem } from './item.ts';
import { carriedWithin, countPoints, type Period, periodAt, pointAt, withPoint } from './periods.ts';

const pledges = fc.option(fc.constantFrom('a', 'b', 'c'));
const points = fc.array(fc.tuple(fc.nat(20), pledges), { maxLength: 12 });

function build(said: readonly (readonly [number, string | null])[]): Period<string> | null {
  let newest: Period<string> | null = null;
  for (const [fromMs, pledge] of said) newest = withPoint(newest, fromMs, pledge);
  return newest;
}

test('what an item carries at a time is what its last point until then says', () => {
  fc.assert(
    fc.property(points, fc.nat(22), (said, at) => {
      const table = new Map(said);
      const last = [...table.keys()].filter((from) => from <= at).sort((x, y) => y - x)[0];
      const expected = last === undefined ? undefined : table.get(last);
      const found = periodAt(build(said), at);
      assert.equal(found === null ? undefined : found.pledge, expected);
      assert.equal(pointAt(build(said), at), table.get(at));
      assert.equal(countPoints(build(said)), table.size);
    }),
  );
});

test('points may be said in any order, and saying one changes no list that was read before', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(20), pledges), { selector: ([from]) => from }),
      pledges,
      (said, pledge) => {
        const before = build(said);
        const copy = structuredClone(before);
        withPoint(before, 7, pledge);
        assert.deepEqual(before, copy);
        assert.deepEqual(build(said.toReversed()), before);
      },
    ),
  );
});

test('an item carried a pledge within a span when it did at some instant of it', () => {
  fc.assert(
    fc.property(points, fc.nat(22), fc.nat(22), (said, one, other) => {
      const [since, until] = [Math.min(one, other), Math.max(one, other)];
      const periods = build(said);
      const instants = Array.from({ length: until - since + 1 }, (_, i) => periodAt(periods, since + i)?.pledge);
      assert.equal(carriedWithin(periods, 'a', since, until), instants.includes('a'));
    }),
  );
});

test('saying a thing again changes nothing', () => {
  fc.assert(
    fc.property(points, fc.nat(22), pledges, fc.boolean(), (said, fromMs, pledge, exact) => {
      const periods = build(said);
      const judged = judgeItem(periods, pledge, { fromMs, exact });
      const after = judged === 'set' ? withPoint(periods, fromMs, pledge) : periods;
      assert.equal(periodAt(after, fromMs)?.pledge ?? null, pledge);
      assert.equal(judgeItem(after, pledge, { fromMs, exact }), judged === 'set' || exact ? 'unchanged' : judged);
    }),
  );
});
