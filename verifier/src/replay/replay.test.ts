import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { publicId, seal, TestBook, TestKey } from '../../test/book.ts';
import { utf8 } from '../bytes.ts';
import { canonical } from '../entry/canonical.ts';
import type { Entry } from '../entry/entry.ts';
import { Failure } from '../failure.ts';
import { Replay } from './replay.ts';
import { Reversals } from './trace.ts';

const [lunches, books, trees] = [publicId('a'), publicId('b'), publicId('c')];

function replay(book: TestBook): Replay {
  const replay = new Replay();
  for (const [index, entry] of book.entries.entries()) replay.apply(index, utf8(entry));
  return replay;
}

/** A book with one return among gifts split over three recipients. */
function busyBook(): { book: TestBook; terms: number; gift: number } {
  const book = new TestBook();
  const market = book.market([lunches, books, trees]);
  const [a, b, c] = market.to as [number, number, number];
  const terms = book.terms(market, {
    recipients: [
      [a, 50],
      [b, 30],
      [c, 20],
    ],
    cap: 10_000,
  });
  book.gift(terms, 2);
  const gift = book.gift(terms, 100);
  book.gift(terms, 7);
  book.return(gift, 33);
  book.gift(terms, 1);
  return { book, terms, gift };
}

test('a replay arrives at the accounts and the public totals', () => {
  const { book, gift } = busyBook();
  book.return(gift, 67);
  const done = replay(book);
  assert.deepEqual(done.totals(), new Map([['CNY', { given: 110n, returned: 100n, gifts: 4n }]]));
  assert.deepEqual(done.recipientTotals().get(lunches)?.get('CNY'), { given: 55n, returned: 50n, gifts: 4n });
  assert.deepEqual(
    done.accounts().map((account) => ({ in: account.in, out: account.out })),
    book.totals,
  );
  assert.equal(done.counts.get('giving.gift'), 4);
  assert.equal(done.positions.backs, 6);
});

type Loose = Record<'move' | 'back' | 'declare', number[][]> & Record<string, unknown>;

/** One entry of a busy book changed, the last of its kind, and the rule that must speak there. */
function broken(
  rule: string,
  change: (entry: Loose, book: TestBook) => object,
  kind: Entry['kind'] = 'giving.gift',
): void {
  test(`a replay refuses by ${rule}`, () => {
    const { book } = busyBook();
    const index = book.entries.findLastIndex((entry) => entry.includes(`"kind":"${kind}"`));
    book.entries[index] = canonical(change(JSON.parse(book.entries[index] as string), book));
    assert.throws(
      () => replay(book),
      (error: Failure) => {
        assert.ok(error instanceof Failure);
        assert.deepEqual([error.rule, error.where], [rule, `entry ${index}`]);
        return error.said.zh !== '';
      },
    );
  });
}

/** Rows with row[at] set to value. */
function set(rows: number[][], row: number, at: number, value: number): number[][] {
  return rows.map((one, i) => (i === row ? one.with(at, value) : one));
}

broken('gift.split', (entry) => ({ ...entry, move: set(entry.move, 0, 2, 40) }));
broken('gift.split', (entry) => ({ ...entry, move: set(entry.move, 0, 0, 3) }));
broken('gift.split', (entry) => ({ ...entry, move: [...entry.move, ...entry.move] }));
broken('move.from_position', (entry) => ({ ...entry, move: set(entry.move, 0, 3, 5) }));
broken('move.to_position', (entry) => ({ ...entry, move: set(entry.move, 0, 4, 5) }));
broken('terms.unknown', (entry) => ({ ...entry, terms: 1 }));
broken('entry.unknown_member', (entry) => ({ ...entry, note: 1 }));
broken('entry.kind', () => ({ kind: 'giving.present' }));
broken(
  'return.split',
  ({ declare, ...entry }) => {
    const [a, b] = declare.map(([, , minor]) => minor) as [number, number];
    return { ...entry, declare: set(set(declare, 0, 2, b), 1, 2, a) };
  },
  'giving.return',
);
broken('return.amount', (entry) => ({ ...entry, declare: set(entry.declare, 0, 2, 1000) }), 'giving.return');
broken('return.gift', (entry) => ({ ...entry, gift: 1 }), 'giving.return');
broken('back.unit', (entry) => ({ ...entry, back: set(entry.back, 0, 7, 0) }), 'giving.return');
broken('back.accounts', (entry) => ({ ...entry, back: set(entry.back, 0, 1, 3) }), 'giving.return');
broken('back.undeclared', (entry) => ({ ...entry, back: set(entry.back, 0, 2, 90) }), 'giving.return');
broken('terms.version', (entry) => ({ ...entry, version: 2 }), 'giving.terms');
broken('terms.from', (entry) => ({ ...entry, from: '2026-11-18T07:59:59Z' }), 'giving.terms');
broken('terms.recipients', (entry) => ({ ...entry, recipients: [[1, 1]] }), 'giving.terms');
broken(
  'terms.recipients',
  (entry) => ({
    ...entry,
    recipients: [
      [2, 1],
      [2, 1],
    ],
  }),
  'giving.terms',
);
broken('terms.merchant', (entry) => ({ ...entry, merchant: publicId('z') }), 'giving.terms');
broken('account.number', (entry) => ({ ...entry, account: 9 }), 'ledger.account');
broken('account.name', (_entry, book) => ({ ...JSON.parse(book.entries[5] as string), account: 4 }), 'ledger.account');
broken('source.unknown', (entry) => ({ ...entry, source: 'shop-2' }), 'giving.merchant');
broken('open.missing', () => ({ kind: 'log.tick', time: '2026-11-18T08:00:00Z' }), 'log.open');
broken('open.again', (_entry, book) => JSON.parse(book.entries[0] as string));

test('units declared and not settled keep everything else in the account until an inflow settles them', () => {
  const book = new TestBook();
  const market = book.market([lunches]);
  const [from, to] = [market.from, market.to[0] as number];
  const terms = book.terms(market);
  const gift = book.gift(terms, 10);
  book.say('giving.return', { declare: [[gift, 0, 4]], gift, seal });
  assert.equal(replay(book).positions.waiting.totals().get('CNY'), 4n);
  const late = [...book.entries];
  book.say('ledger.settle', { back: [[to, from, 3, 0, 0, gift, 0, 6]] });
  book.say('ledger.settle', { back: [[to, from, 1, 3, 3, gift, 0, 9]] });
  book.say('log.tick', { time: '2026-11-18T08:00:01Z' });
  assert.equal(replay(book).positions.waiting.totals().size, 0);

  book.entries.splice(0, Infinity, ...late);
  book.say('log.tick', { time: '2026-11-18T08:00:01Z' });
  assert.throws(() => replay(book), { rule: 'settle.late' });
});

test('a cap counts everything given under the pledge, over its versions', () => {
  const book = new TestBook();
  const market = book.market([lunches]);
  const first = book.terms(market, { cap: 10 });
  const second = book.terms(market, { cap: 12, version: 2 });
  book.gift(first, 9);
  book.gift(second, 3);
  replay(book);
  book.gift(second, 1);
  assert.throws(() => replay(book), { rule: 'gift.cap' });
});

test('ticks never go back', () => {
  const book = new TestBook();
  book.say('log.tick', { time: '2026-11-18T07:59:59Z' });
  assert.throws(() => replay(book), { rule: 'tick.back', where: 'entry 2' });
});

test('a gift is refused while the last tick is earlier than the start of its terms', () => {
  const book = new TestBook();
  const market = book.market([lunches]);
  const terms = book.terms(market, { from: '2026-11-18T08:00:02Z' });
  book.say('log.tick', { time: '2026-11-18T08:00:01Z' });
  const early = [...book.entries];
  book.say('log.tick', { time: '2026-11-18T08:00:02Z' });
  book.gift(terms, 2);
  replay(book);
  const gift = book.entries.at(-1) as string;
  book.entries.splice(0, Infinity, ...early, gift);
  assert.throws(() => replay(book), { rule: 'gift.early', where: `entry ${early.length}` });
});

test("keys become active once and retire once, and are this log's", () => {
  const book = new TestBook();
  const next = new TestKey('example.org/log', 1, 'next');
  book.say('log.key', { key: book.logKey.vkey, role: 'log', state: 'active' });
  book.say('log.key', { key: next.vkey, role: 'log', state: 'active' });
  book.say('log.key', { key: book.logKey.vkey, role: 'log', state: 'retired' });
  assert.deepEqual(
    replay(book).keys.map(({ since, until }) => [since, until]),
    [
      [2, 4],
      [3, undefined],
    ],
  );
  book.say('log.key', { key: book.logKey.vkey, role: 'log', state: 'retired' });
  assert.throws(() => replay(book), { rule: 'key.state' });
  book.entries[5] = canonical({ key: book.logKey.vkey, kind: 'log.key', role: 'witness', state: 'active' });
  assert.throws(() => replay(book), { rule: 'key.role' });
});

test('tallies may not say more than the log has, and when they say all of it their digests must agree', () => {
  const { book, gift, terms } = busyBook();
  const second = book.gift(terms, 5);
  const entries = book.entries.flatMap((entry, i) => (/"kind":"giving\.(gift|return)"/.test(entry) ? [i] : []));
  const day = { date: '2026-11-18', ignored: {}, refused: {}, source: 'shop-1' };
  const others = entries.filter((index) => index !== second);
  const tally = {
    ...day,
    created: { CNY: [4, 110] as const },
    returned: { CNY: [1, 33] as const },
    digest: book.digest(others),
  };
  book.say('giving.tally', tally);
  const next = {
    ...day,
    date: '2026-11-19',
    created: { CNY: [1, 5] as const },
    returned: {},
    digest: book.digest([second]),
  };
  book.say('giving.tally', next);
  replay(book);
  const index = book.say('giving.tally', { ...next, digest: book.digest([gift]) });
  assert.throws(() => replay(book), { rule: 'tally.digest' });
  book.entries[index] = canonical({ kind: 'giving.tally', ...next, created: { CNY: [2, 5] } });
  assert.throws(() => replay(book), { rule: 'tally.created' });
  book.entries[index] = canonical({ kind: 'giving.tally', ...next, returned: { CNY: [0, 1] } });
  assert.throws(() => replay(book), { rule: 'tally.returned' });
});

test('random histories replay to their own accounts, and their units map one to one', () => {
  const deed = fc.record({ minor: fc.integer({ min: 1, max: 300 }), back: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(
    fc.property(
      fc.array(deed, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 3 }),
      (deeds, weights) => {
        const book = new TestBook();
        const market = book.market([lunches, books, trees]);
        const terms = book.terms(market, {
          recipients: market.to.map((account, i) => [account, weights[i] as number] as const),
        });
        const left = new Map<number, number>();
        for (const { minor, back } of deeds) {
          const gift = [...left.keys()][back === undefined ? -1 : back % Math.max(1, left.size)];
          const most = gift === undefined ? 0 : (left.get(gift) as number);
          if (gift === undefined || most === 0) left.set(book.gift(terms, minor), minor);
          else {
            const amount = Math.min(minor, most);
            book.return(gift, amount);
            left.set(gift, most - amount);
          }
        }
        const done = replay(book);
        assert.deepEqual(
          done.accounts().map((account) => ({ in: account.in, out: account.out })),
          book.totals,
        );
        for (const account of market.to) {
          const backs = book.entries
            .flatMap((entry) => (JSON.parse(entry).back ?? []) as number[][])
            .filter(([from]) => from === account)
            .map(([, , minor, fromPos, , , , unit]) => ({
              minor: minor as number,
              fromPos: fromPos as number,
              unit: unit as number,
            }));
          const table = new Reversals(backs);
          const { in: came = 0, out = 0 } = book.totals[account - 1] ?? {};
          const places = new Set<number>();
          for (let unit = 0; unit < came; unit++) if (!table.takesBack(unit)) places.add(table.follow(unit).position);
          assert.equal(places.size, came - out);
          assert.ok([...places].every((place) => place >= out && place < came));
        }
      },
    ),
    { numRuns: 60 },
  );
});
