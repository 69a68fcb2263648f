import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Reversal, Reversals } from './trace.ts';

/** One account's history: units come in by moves, leave by payments, or are taken back from a move's end. */
interface History {
  reversals: Reversal[];
  /** Out-positions of payments. */
  paid: Set<number>;
  reversed: Set<number>;
  in: number;
  out: number;
}

type Deed = { deed: 'in' | 'pay' | 'return'; amount: number; pick: number };

function play(deeds: readonly Deed[]): History {
  const history: History = { reversals: [], paid: new Set(), reversed: new Set(), in: 0, out: 0 };
  const moves: { from: number; left: number }[] = [];
  for (const { deed, amount, pick } of deeds) {
    const balance = history.in - history.out;
    const move = moves[pick % Math.max(1, moves.length)];
    if (deed === 'in') {
      moves.push({ from: history.in, left: amount });
      history.in += amount;
    } else if (deed === 'pay') {
      const end = history.out + Math.min(amount, balance);
      for (; history.out < end; history.out++) history.paid.add(history.out);
    } else if (move) {
      const minor = Math.min(amount, balance, move.left);
      if (minor === 0) continue;
      move.left -= minor;
      const unit = move.from + move.left;
      history.reversals.push({ fromPos: history.out, minor, unit });
      for (let i = 0; i < minor; i++) history.reversed.add(unit + i);
      history.out += minor;
    }
  }
  return history;
}

const deeds = fc.array(
  fc.record({
    deed: fc.constantFrom('in', 'in', 'pay', 'return', 'return'),
    amount: fc.integer({ min: 1, max: 9 }),
    pick: fc.nat(),
  }) as fc.Arbitrary<Deed>,
  { maxLength: 80 },
);

test('unreversed units map one to one onto out-positions that are no reversal', () => {
  fc.assert(
    fc.property(deeds, (deeds) => {
      const history = play(deeds);
      const table = new Reversals(history.reversals);
      const seen = new Set<number>();
      let longest = 0;
      for (let unit = 0; unit < history.in; unit++) {
        assert.equal(table.takesBack(unit), history.reversed.has(unit));
        if (history.reversed.has(unit)) continue;
        const { position, hops } = table.follow(unit);
        assert.ok(!seen.has(position), 'no two units share a place');
        assert.ok(history.paid.has(position) || position >= history.out, 'it was paid on, or is still there');
        seen.add(position);
        longest = Math.max(longest, hops);
      }
      assert.equal(table.longestChain(), longest);
      for (const position of history.paid) assert.ok(seen.has(position), 'every payment has its unit');
    }),
    { numRuns: 2000 },
  );
});

test('a unit once paid on never moves, whatever is returned later', () => {
  fc.assert(
    fc.property(deeds, deeds, (first, second) => {
      const before = play(first);
      const after = play([...first, ...second]);
      const then = new Reversals(before.reversals);
      const now = new Reversals(after.reversals);
      for (let unit = 0; unit < before.in; unit++) {
        if (before.reversed.has(unit) || after.reversed.has(unit)) continue;
        const { position } = then.follow(unit);
        if (before.paid.has(position)) assert.equal(now.follow(unit).position, position);
      }
    }),
    { numRuns: 1000 },
  );
});

test('sales and returns behind one standing unit make a chain as long as they are many', () => {
  const reversals = Array.from({ length: 1000 }, (_, i) => ({ fromPos: i, minor: 1, unit: i + 1 }));
  const table = new Reversals(reversals);
  assert.deepEqual(table.follow(0), { position: 1000, hops: 1000 });
  assert.equal(table.longestChain(), 1000);
  assert.throws(() => new Reversals([{ fromPos: 3, minor: 2, unit: 3 }]).follow(4), RangeError);
  assert.deepEqual(new Reversals([{ fromPos: 0, minor: 10_000_000, unit: 3 }]).follow(1), {
    position: 10_000_000,
    hops: 1,
  });
});
