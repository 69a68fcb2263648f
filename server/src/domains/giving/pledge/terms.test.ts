import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { governsUntil, hasEnded, readNamed, seenWithinMs, type Terms, versionAt, versionSeen } from './terms.ts';

const day = seenWithinMs;

/** Versions 1, 2, … with these starts and ends, in days. */
function versions(dates: readonly (readonly [number, number | null])[]): Terms[] {
  return dates.map(([from, until], i) => {
    const endsMs = until === null ? null : until * day;
    return { version: i + 1, startsMs: from * day, endsMs, ended: false } as Terms;
  });
}

const dates = fc.array(
  fc.tuple(fc.nat(20), fc.option(fc.integer({ min: 1, max: 10 }))).map(([from, days]) => {
    return [from, days === null ? null : from + days] as const;
  }),
  { minLength: 1, maxLength: 6 },
);

test('a version governs from its start until its end or a later version’s start, and no two at once', () => {
  fc.assert(
    fc.property(dates, fc.nat(40), (said, half) => {
      const all = versions(said);
      const at = (half * day) / 2;
      const found = versionAt(all, at);
      const governing = found === undefined || hasEnded(found, at) ? [] : [found];
      assert.deepEqual(
        all.filter((terms) => terms.startsMs <= at && at < governsUntil(all, terms)),
        governing,
      );
    }),
  );
});

test('a version that a buyer names had started and was in force at some time of the day before', () => {
  fc.assert(
    fc.property(dates, fc.nat(40), fc.integer({ min: 1, max: 6 }), (said, half, version) => {
      const all = versions(said);
      const at = (half * day) / 2;
      const named = all[version - 1];
      const governed = (ms: number) => {
        const found = versionAt(all, ms);
        return found === named && found !== undefined && !hasEnded(found, ms);
      };
      const steps = Array.from({ length: 25 }, (_, i) => at - (i * day) / 24).filter((ms) => ms > at - day);
      const seen = versionSeen(all, version, at);
      if (steps.some(governed)) assert.equal(seen, named);
      if (seen !== undefined) assert.ok(seen.startsMs <= at && governsUntil(all, seen) > at - day);
    }),
  );
});

test('a pledge named alone means its version in force, or else the one last in force', () => {
  const all = versions([
    [0, null],
    [2, 3],
    [5, null],
  ]);
  const seen = (days: number) => versionSeen(all, null, days * day)?.version;
  assert.deepEqual(
    [seen(-0.1), seen(1), seen(2), seen(2.5), seen(3.5), seen(4.5), seen(5)],
    [undefined, 1, 2, 2, 2, undefined, 3],
  );
});

test('a name is a pledge, or a pledge and a version', () => {
  assert.deepEqual(readNamed('p-1'), { pledge: 'p-1', version: null });
  assert.deepEqual(readNamed('p-1@12'), { pledge: 'p-1', version: 12 });
  for (const wrong of ['p-1@', 'p-1@0', 'p-1@01', 'p-1@1e3', 'p-1@-1', 'p-1@9999999999'])
    assert.equal(readNamed(wrong), null);
});
