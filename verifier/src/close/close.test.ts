import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { publicId, sourceOf, TestBook, TestKey } from '../../test/book.ts';
import { audit } from '../audit/audit.ts';
import { concatBytes, fromUtf8, toBase64Url, utf8 } from '../bytes.ts';
import { canonical } from '../entry/canonical.ts';
import { Replay } from '../replay/replay.ts';
import { readState, writeState } from './state-file.ts';

/** Two months: gifts, returns before and after the close, terms in use and not, a tally, a retired key. */
async function twoMonths() {
  const book = new TestBook();
  const market = book.market([publicId('a'), publicId('b'), publicId('c')]);
  const capped = book.terms(market, { cap: 5_000 });
  const one = book.terms(market, { pledge: publicId('q'), recipients: [[market.to[0] as number, 1]] });
  await book.rotate(new TestKey(book.logKey.key.name, 1, 'next'));
  const gifts: number[] = [];
  for (let i = 0; i < 400; i++) gifts.push(book.gift(i % 3 === 0 ? one : capped, 2 + (i % 7)));
  for (const gift of gifts.slice(0, 30)) book.return(gift, 1);
  const said = { created: { CNY: [3, 9] as const }, ignored: {}, refused: {}, returned: {}, source: 'shop-1' };
  book.say('giving.tally', { ...said, date: '2026-11-18', digest: book.digest(gifts.slice(0, 3)) });
  const first = book.close('2026-12-01T00:00:00Z');
  for (let i = 0; i < 300; i++) gifts.push(book.gift(i % 3 === 0 ? one : capped, 3 + (i % 5)));
  // Gifts from before the close: some that had a return before, some that had none.
  for (const gift of gifts.slice(20, 50)) book.return(gift, 1);
  book.say('giving.tally', { ...said, created: { CNY: [4, 14] }, date: '2026-11-18', digest: book.digest(gifts) });
  return { book, gifts, market, capped, one, ...first };
}

const auditSince = (book: TestBook, state: Uint8Array, size = book.entries.length) =>
  audit(sourceOf(book.files(size)), { keys: [book.logKey.key], since: { name: 'state', state } });

test('an audit that begins at a close arrives where the whole audit does', async () => {
  const { book, at, state } = await twoMonths();
  const second = book.close('2027-01-01T00:00:05Z');
  const whole = await audit(sourceOf(book.files()), { keys: [book.logKey.key] });
  assert.deepEqual([...whole.replay.closes.keys()], [at, second.at]);
  const since = await auditSince(book, state);
  assert.equal(since.replay.start, at);
  assert.deepEqual(since.replay.accounts(), whole.replay.accounts());
  assert.deepEqual(since.replay.totals(), whole.replay.totals());
  assert.deepEqual(since.replay.recipientTotals(), whole.replay.recipientTotals());
  assert.deepEqual(since.replay.counts, whole.replay.counts);
  assert.deepEqual(writeState(since.replay).sum, writeState(whole.replay).sum);
  assert.deepEqual([...since.replay.closes.keys()], [at, second.at], 'and passes the next close as its own');
  const shortest = await auditSince(book, second.state);
  assert.deepEqual(shortest.replay.totals(), whole.replay.totals());
});

test('a state is somebody’s word until a close in the log says the same', async () => {
  const { book, at, state } = await twoMonths();
  const text = fromUtf8(state);
  await assert.rejects(auditSince(book, state, at + 1), { rule: 'close.missing', where: 'state' });
  await assert.rejects(auditSince(book, state, at), { rule: 'close.ahead' });
  const lie = (from: RegExp, to: string) => auditSince(book, utf8(text.replace(from, to)));
  await assert.rejects(lie(/"minor":\[[^\]]*\]/, '"minor":[0,0,9]'), { rule: 'close.state', where: `entry ${at + 1}` });
  await assert.rejects(lie(/"returned":\d+/, '"returned":0'), { rule: 'close.state' });
  await assert.rejects(lie(/"given":\d+,"index"/, '"given":1,"index"'), { rule: 'close.state' });
  await assert.rejects(lie(/{[^\n]*"state.retired"[^\n]*\n/, ''), { rule: 'close.state' });
  await assert.rejects(lie(/"kind":"state.account"/, '"kind":"state.purse"'), {
    rule: 'state.format',
    where: 'line 5',
  });
  await assert.rejects(lie(/\n$/, ''), { rule: 'state.format' });
  await assert.rejects(lie(/^[^\n]*\n/, ''), { rule: 'state.format' });
});

test('a return of a gift from before the close may not take back what was taken back before', async () => {
  const { book, gifts, state } = await twoMonths();
  const gift = gifts[0] as number;
  book.return(gift, 1);
  await auditSince(book, state);
  const last = JSON.parse(book.entries.at(-1) as string);
  const wrong = { ...last, back: last.back.map((row: number[]) => row.with(7, (row[7] as number) + 1)) };
  book.entries[book.entries.length - 1] = canonical(wrong);
  await assert.rejects(auditSince(book, state), { rule: 'back.unit' });
});

test('a cap and a split go on from where they were at the close', async () => {
  const { book, capped, state } = await twoMonths();
  book.gift(capped, 1);
  await auditSince(book, state);
  book.gift(capped, 5_000);
  await assert.rejects(auditSince(book, state), { rule: 'gift.cap' });
});

test('a close that is not at the end of a month, or says other balances, is refused', async () => {
  const { book, at } = await twoMonths();
  const close = JSON.parse(book.entries[at + 1] as string);
  const replay = (change: object) => {
    const done = new Replay();
    for (const [index, entry] of book.entries.entries()) {
      done.apply(index, utf8(index === at + 1 ? canonical({ ...close, ...change }) : entry));
    }
  };
  replay({});
  assert.throws(() => replay({ at: at - 1 }), { rule: 'close.at', where: `entry ${at + 1}` });
  assert.throws(() => replay({ lines: close.lines + 1 }), { rule: 'close.state' });
  assert.throws(() => replay({ root: toBase64Url(new Uint8Array(32)) }), { rule: 'close.state' });
});

test('a state read back says the same, whatever came before it', () => {
  const deed = fc.record({ minor: fc.integer({ min: 1, max: 300 }), back: fc.boolean() });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
      const book = new TestBook();
      const market = book.market([publicId('a'), publicId('b')]);
      const terms = book.terms(market);
      for (const { minor, back } of deeds) {
        const gift = book.gift(terms, minor);
        if (back) book.return(gift, Math.ceil(minor / 2));
      }
      // Declared and not settled: it waits at the end of the month.
      const left = book.gift(terms, 1);
      const part = JSON.parse(book.entries[left] as string).move[0] as number[];
      const replay = new Replay();
      for (const [index, entry] of book.entries.entries()) replay.apply(index, utf8(entry));
      replay.positions.waiting.add(replay.positions.account(part[1] as number), {
        index: left,
        part: 0,
        unit: 3,
        left: 1,
      });
      const { blocks, sum } = writeState(replay);
      const again = writeState(readState(concatBytes(...blocks)));
      assert.deepEqual(again.sum, sum);
      assert.deepEqual(concatBytes(...again.blocks), concatBytes(...blocks));
    }),
    { numRuns: 40 },
  );
});
