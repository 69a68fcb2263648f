import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { publicId, seal, TestBook } from '../../test/book.ts';
import { refusedEntries } from '../../test/refused-entries.ts';
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

test('every refusal is an EntryError that names a rule, and no nesting is too deep for it', () => {
  for (const [why, entry] of refusedEntries()) {
    assert.throws(
      () => parseEntry(entry),
      (error: EntryError) => error instanceof EntryError && error.said.zh !== '',
      why,
    );
  }
  assert.throws(() => parseEntry('['.repeat(60_000)), { rule: 'entry.json' });
  assert.throws(() => parseEntry('['.repeat(30_000) + ']'.repeat(30_000)), { rule: 'entry.kind', member: 'kind' });
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
