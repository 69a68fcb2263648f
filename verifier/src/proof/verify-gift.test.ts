import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { publicId, TestBook, TestKey } from '../../test/book.ts';
import { fromBase64, fromUtf8, toBase64, toBase64Url, utf8 } from '../bytes.ts';
import { canonical } from '../entry/canonical.ts';
import { sealOf } from './opening.ts';
import { verifyGiftProof } from './verify-gift.ts';

const order = {
  buyer: 'u-33',
  completedAt: '2026-11-18T08:00:01.234Z',
  currency: 'CNY',
  discount: 0,
  item: 'sku-9',
  line: '1',
  merchant: 'm-7',
  order: 'A1001',
  paid: 1990,
  placedAt: '2026-11-18T08:00:00Z',
  platformDiscount: 0,
  quantity: 1,
  shipping: 0,
  source: 'shop-1',
  tax: 0,
};

interface Case {
  book: TestBook;
  gift: number;
  related: number[];
  opening: { salt: string; text: string };
  keys: TestKey['key'][];
}

function giftCase(said: object = order, minor = 20): Case {
  const book = new TestBook();
  const market = book.market([publicId('a'), publicId('b')]);
  const terms = book.terms(market);
  const opening = { salt: toBase64Url(new Uint8Array(32).fill(7)), text: canonical(said) };
  const gift = book.gift(terms, minor, sealOf(opening));
  const returned = book.return(gift, 5);
  for (let i = 0; i < 300; i++) book.gift(terms, 2);
  return {
    book,
    gift,
    related: [0, 2, 4, 5, 6, 7, 8, 9, terms, returned],
    opening,
    keys: [book.logKey.key, book.witnessKey.key],
  };
}

test('a gift proof says who gave what to whom, and what came back', async () => {
  const { book, gift, related, keys } = giftCase();
  const verdict = verifyGiftProof(await book.proof(gift, related), keys);
  assert.deepEqual(
    verdict.steps.map(({ step, ok }) => [step, ok]),
    [
      ['read', true],
      ['signature', true],
      ['inclusion', true],
      ['related', true],
      ['gift', true],
    ],
  );
  assert.ok(verdict.ok);
  assert.equal(verdict.gift?.id, `main-${gift}`);
  assert.deepEqual(
    verdict.gift?.parts.map((part) => [part.given, part.returned]),
    [
      [10, 3],
      [10, 2],
    ],
  );
  const said = verdict.steps[4]?.said;
  assert.match(
    said?.en ?? '',
    /青竹书店 gave CNY 0.20 to Project a \(Clear Spring Fund\) CNY 0.10, Project b .*not yet paid/,
  );
  assert.match(said?.zh ?? '', /青竹书店 捐赠 CNY 0.20.*尚未支付/);
  assert.equal(verdict.checkpoint?.time, 1_795_000_000);
});

test('returns are spoken of only as far as the file goes', async () => {
  const { book, gift, related, keys } = giftCase();
  const says = async (entries: number[]) => {
    const { steps } = verifyGiftProof(await book.proof(gift, entries), keys);
    return [steps[3]?.said, steps[4]?.said].flatMap((said) => [said?.en ?? '', said?.zh ?? '']);
  };
  const [some, someZh, back] = await says(related);
  assert.match(some ?? '', /^The 10 records .*, returns\)/);
  assert.match(someZh ?? '', /10 条记录.*、退回）/);
  assert.match(back ?? '', /went back .* Returns that are not in this file are not shown\./);
  const [none, noneZh, kept, keptZh] = await says(related.slice(0, -1));
  assert.match(none ?? '', /^The 9 records /);
  assert.doesNotMatch(`${none}${noneZh}`, /return|退回/);
  assert.doesNotMatch(kept ?? '', /went back/);
  assert.match(`${kept}${keptZh}`, /Returns that are not in this file are not shown\..*不在此文件中的退回不会显示。/);
});

test('its holder can open it: the order fits the seal and the amount follows from it', async () => {
  const { book, gift, related, keys, opening } = giftCase();
  const verdict = verifyGiftProof(await book.proof(gift, related, opening), keys);
  assert.ok(verdict.ok, JSON.stringify(verdict.steps));
  assert.deepEqual(verdict.order, order);
  assert.deepEqual(
    verdict.steps.slice(5).map(({ step }) => step),
    ['opening', 'amount'],
  );
});

/** Which step fails, and by which rule, when a good proof is spoilt. */
async function failing(
  spoil: (file: string, made: Case) => string | Promise<string>,
  made = giftCase(),
): Promise<[string?, unknown?]> {
  const file = await spoil(await made.book.proof(made.gift, made.related, made.opening), made);
  const verdict = verifyGiftProof(file, made.keys);
  assert.equal(verdict.ok, false);
  const last = verdict.steps.at(-1);
  assert.equal(last?.ok, false);
  assert.notEqual(last?.said.zh, '');
  return [last?.step, last?.evidence.rule];
}

type Extra = {
  entry: string;
  related: { index: number; entry: string; path: string[] }[];
  opening: { salt: string; text: string };
};

function changeExtra(file: string, change: (extra: Extra) => void): string {
  return file.replace(/extra (.*)\n/, (_line, encoded: string) => {
    const extra = JSON.parse(fromUtf8(fromBase64(encoded))) as Extra;
    change(extra);
    return `extra ${toBase64(utf8(JSON.stringify(extra)))}\n`;
  });
}

test('each way to spoil a proof is found at its step', async () => {
  const other = new TestKey('example.org/log', 1, 'other');
  assert.deepEqual(await failing(() => 'hello'), ['read', 'proof.format']);
  assert.deepEqual(await failing((file) => file.replace('index ', 'index 0')), ['read', 'proof.format']);
  assert.deepEqual(await failing((file) => file.replace(/extra .*\n/, '')), ['read', 'proof.extra']);
  assert.deepEqual(
    await failing((file) => file.replace(/\n311\n/, '\n312\n').replace(/\n([0-9]+)\n(.{44})\n\n—/, '\n9$1\n$2\n\n—')),
    ['signature', 'note.signature'],
  );
  assert.deepEqual(await failing((file) => file, { ...giftCase(), keys: [other.key] }), ['signature', 'note.unsigned']);
  assert.deepEqual(await failing((file) => file, { ...giftCase(), keys: [] }), ['signature', 'note.unsigned']);
  assert.deepEqual(await failing((file) => file.replace(/index \d+/, 'index 12')), ['inclusion', 'proof.inclusion']);
  assert.deepEqual(
    await failing((file) =>
      changeExtra(file, (extra) => {
        extra.entry = extra.entry.replace(',10,', ',90,');
      }),
    ),
    ['inclusion', 'proof.inclusion'],
  );
  assert.deepEqual(
    await failing((file) =>
      changeExtra(file, ({ related }) => {
        (related[1] as { index: number }).index++;
      }),
    ),
    ['related', 'proof.inclusion'],
  );
  assert.deepEqual(
    await failing((file) =>
      changeExtra(file, ({ opening }) => {
        opening.text = opening.text.replace('1990', '1991');
      }),
    ),
    ['opening', 'opening.seal'],
  );
});

test('a proof that leaves out what gives it meaning is not accepted', async () => {
  for (const left of [4, 5, 6, 7, 8, 9, 10]) {
    const made = giftCase();
    made.related = made.related.filter((index) => index !== left);
    assert.deepEqual(await failing((file) => file, made), ['gift', 'proof.missing'], `without entry ${left}`);
  }
});

test('an order that the terms do not govern, or give another amount for, is not accepted', async () => {
  const same = (file: string) => file;
  assert.deepEqual(await failing(same, giftCase({ ...order, currency: 'USD' })), ['amount', 'opening.terms']);
  assert.deepEqual(await failing(same, giftCase({ ...order, placedAt: '2026-11-18T07:59:59Z' })), [
    'amount',
    'opening.terms',
  ]);
  assert.deepEqual(await failing(same, giftCase({ ...order, paid: 2990 })), ['amount', 'gift.amount']);
  assert.deepEqual(await failing(same, giftCase({ ...order, paid: '1990' })), ['opening', 'entry.integer']);
});

test('no bytes make it throw, and no changed byte makes another true statement', async () => {
  const made = giftCase();
  const file = await made.book.proof(made.gift, made.related, made.opening);
  const good = JSON.stringify(verifyGiftProof(file, made.keys).gift);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.constantFrom('A', 'b', '0', '\n', ' ', '—', '='), (at, to) => {
      const verdict = verifyGiftProof(file.slice(0, at) + to + file.slice(at + 1), made.keys);
      if (verdict.ok) assert.equal(JSON.stringify(verdict.gift), good);
    }),
    { numRuns: 300 },
  );
});
