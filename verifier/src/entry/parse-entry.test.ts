import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { publicId, seal, TestBook } from '../../test/book.ts';
import { utf8 } from '../bytes.ts';
import { EntryError } from '../failure.ts';
import { canonical } from './canonical.ts';
import { parseEntry } from './parse-entry.ts';
import { scanGift } from './scan-gift.ts';

const gift = { kind: 'giving.gift', move: [[1, 2, 3, 4, 5]], seal, terms: 9 };

test('a parsed entry is what was said, and its bytes are the only ones', () => {
  assert.deepEqual(parseEntry(canonical(gift)), gift);
  assert.deepEqual(parseEntry(utf8(canonical(gift))), gift);
  const book = new TestBook();
  book.terms(book.market([publicId('a')]));
  for (const entry of book.entries) assert.equal(canonical(parseEntry(entry)), entry);
});

const refused: [rule: string, member: string, entry: string][] = [
  ['json', '', '{'],
  ['kind', 'kind', '[]'],
  ['kind', 'kind', 'null'],
  ['kind', 'kind', '{"kind":"toString"}'],
  ['canonical', '', '{"kind":"log.tick","time":"2026-11-18T08:00:00Z"} '],
  ['canonical', '', '{"time":"2026-11-18T08:00:00Z","kind":"log.tick"}'],
  ['canonical', '', '{"kind":"log.tick","kind":"log.tick","time":"2026-11-18T08:00:00Z"}'],
  ['canonical', '', '{"kind":"log.tick","time":"\\u0032026-11-18T08:00:00Z"}'],
  ['text', 'time', '{"kind":"log.tick","time":"2026-02-29T08:00:00Z"}'],
  ['text', 'time', '{"kind":"log.tick","time":"2026-11-18T08:00:00.000Z"}'],
  ['missing', 'time', '{"kind":"log.tick"}'],
  ['unknown_member', '__proto__', '{"__proto__":1,"kind":"log.tick","time":"2026-11-18T08:00:00Z"}'],
  [
    'unknown_member',
    'rule.per',
    '{"asset":"CNY","base":[],"from":"2026-11-18T08:00:00Z","kind":"giving.terms","merchant":"0000000000000000","pledge":"0000000000000000","recipients":[[1,1]],"rule":{"basisPoints":10,"per":"line"},"version":1}',
  ],
  ['integer', 'move[0][2]', canonical({ ...gift, move: [[1, 2, 0, 4, 5]] })],
  ['integer', 'move[0][4]', canonical(gift).replace('5]]', '9007199254740992]]')],
  ['integer', 'move[0][4]', canonical(gift).replace('5]]', '5.5]]')],
  ['list', 'move[0]', canonical({ ...gift, move: [[1, 2, 3, 4]] })],
  ['list', 'move', canonical({ ...gift, move: [] })],
  ['text', 'seal', canonical({ ...gift, seal: `${seal.slice(0, -1)}B` })],
  ['missing', 'name', canonical({ kind: 'giving.source', name: {}, source: 'a', zone: 'UTC' })],
  ['text', 'name.zh', canonical({ kind: 'giving.source', name: { zh: '字'.repeat(201) }, source: 'a', zone: 'UTC' })],
  ['text', 'name.zh', '{"kind":"giving.source","name":{"zh":"\\ud800"},"source":"a","zone":"UTC"}'],
  ['value', 'purpose', canonical({ book: 'main', format: 1, kind: 'log.open', origin: 'a', purpose: 'play' })],
  ['json', '', `${'['.repeat(60_000)}`],
  ['kind', 'kind', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
];

test('what the format does not allow is refused by rule and member', () => {
  for (const [rule, member, entry] of refused) {
    assert.throws(
      () => parseEntry(entry),
      (error: EntryError) => {
        assert.ok(error instanceof EntryError, String(error));
        assert.deepEqual([error.rule, error.member], [`entry.${rule}`, member], entry.slice(0, 200));
        return true;
      },
    );
  }
  assert.throws(() => parseEntry(Uint8Array.of(0x22, 0xff, 0x22)), { rule: 'entry.utf8' });
  assert.throws(() => parseEntry(new Uint8Array(65_536)), { rule: 'entry.length' });
});

test('the quick way to read a gift agrees with the slow one on every text near a gift', () => {
  const integer = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
  const move = fc.tuple(integer, integer, integer, integer, integer);
  const near = fc
    .record({
      move: fc.array(move, { minLength: 1, maxLength: 13 }),
      terms: integer,
      at: fc.nat(),
      to: fc.constantFrom('', '0', '-', ',', '[', ']', '"', ' ', 'A', '9', '}', 'é'),
      cut: fc.integer({ min: 0, max: 2 }),
      change: fc.boolean(),
    })
    .map(({ move, terms, at, to, cut, change }) => {
      const text = canonical({ ...gift, move, terms });
      const place = at % (text.length + 1);
      return change ? text.slice(0, place) + to + text.slice(place + cut) : text;
    });
  let quick = 0;
  fc.assert(
    fc.property(near, (text) => {
      const scanned = scanGift(utf8(text));
      let parsed: unknown;
      try {
        parsed = parseEntry(text);
      } catch {
        assert.equal(scanned, null, text);
        return;
      }
      if (scanned) assert.deepEqual({ kind: 'giving.gift', seal: (parsed as typeof gift).seal, ...scanned }, parsed);
      quick += scanned ? 1 : 0;
    }),
    { numRuns: 5000 },
  );
  assert.ok(quick > 1000, 'most well-formed gifts go the quick way');
});
