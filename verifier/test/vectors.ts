/** Makes the golden vectors of docs/formats/vectors: the same every time, from fixed seeds. */
import { createHmac } from 'node:crypto';
import {
  apportion,
  canonical,
  EntryError,
  giftAmount,
  keptAfterReturns,
  leafHash,
  parseEntry,
  price,
  returnedPrice,
  sealOf,
  splitGift,
  takeBack,
  toBase64Url,
  toHex,
  utf8,
} from '../src/index.ts';
import { origin, publicId, seal, TestBook, TestKey } from './book.ts';
import { refusedEntries } from './refused-entries.ts';

/** File contents by path below docs/formats/vectors: objects become JSON. */
export async function makeVectors(): Promise<Map<string, Uint8Array | object>> {
  const { book, gift, related, opening, promise } = smallLog();
  const files = new Map<string, Uint8Array | object>();
  files.set('entries.json', {
    valid: validEntries().map(describeValid),
    invalid: refusedEntries().map(describeRefused),
  });
  files.set('amounts.json', amounts());
  files.set('seals.json', seals());
  for (const [path, bytes] of book.files()) files.set(`log/${path}`, bytes);
  files.set('gift.tlog-proof', utf8(await book.proof(gift, related)));
  files.set('gift-opened.tlog-proof', utf8(await book.proof(gift, related, opening)));
  files.set('gift-with-keys.tlog-proof', utf8(await book.proof(gift, related, undefined, { keys: book.vkeys })));
  files.set('promise', utf8(promise));
  files.set('log.json', expectedOfLog(book, gift));
  const next = new TestKey(origin, 1, 'next');
  const rotation = await book.rotate(next);
  files.set('rotations', utf8(`${JSON.stringify(rotation)}\n`));
  const { at, state } = book.close('2026-12-01T00:00:00Z');
  files.set('close.state', state);
  files.set('close.json', { at, entry: book.entries[at + 1] });
  return files;
}

function validEntries(): string[] {
  const merchant = publicId('m');
  const terms = {
    asset: 'CNY',
    merchant,
    pledge: publicId('p'),
    recipients: [
      [7, 50],
      [8, 30],
      [9, 20],
    ] as const,
  };
  const key = new TestKey(origin).vkey;
  const returned = { declare: [[31, 0, 1]] as const, gift: 31, seal };
  const said: object[] = [
    { kind: 'log.open', book: 'main', format: 1, origin, purpose: 'live' },
    { kind: 'log.open', book: 'test', format: 1, origin: 'example.org/books/test/log', purpose: 'test' },
    { kind: 'log.tick', time: '2026-11-18T08:00:02Z' },
    { kind: 'log.key', key, role: 'log', state: 'active' },
    { kind: 'log.key', key: new TestKey(`${origin}/witness`, 4).vkey, role: 'witness', state: 'retired' },
    { kind: 'ledger.close', at: 31, lines: 9, root: seal },
    { kind: 'ledger.asset', asset: 'CNY', scale: 2 },
    { kind: 'ledger.account', account: 6, asset: 'CNY', name: `giving/merchant/${merchant}`, source: true },
    { kind: 'ledger.account', account: 7, asset: 'CNY', name: `giving/promised/${merchant}/${publicId('a')}` },
    { kind: 'ledger.settle', back: [[7, 6, 1, 12, 3, 31, 0, 40]] },
    { kind: 'giving.source', name: { en: 'Shop one', zh: '一号店' }, source: 'shop-1', zone: 'Asia/Shanghai' },
    {
      kind: 'giving.recipient',
      assets: ['CNY', 'USD'],
      charity: { zh: '清泉基金会' },
      name: { en: 'School lunches', zh: '校园午餐' },
      recipient: publicId('a'),
      type: 'project',
    },
    { kind: 'giving.merchant', merchant, source: 'shop-1' },
    { kind: 'giving.merchant', merchant, name: { en: 'Green Bamboo "Books" \\ Ltd' }, source: 'shop-1' },
    {
      kind: 'giving.terms',
      ...terms,
      base: ['shipping', 'tax'],
      from: '2026-11-18T08:00:02Z',
      rule: { basisPoints: 100 },
      version: 1,
    },
    {
      kind: 'giving.terms',
      ...terms,
      base: [],
      cap: 100_000,
      from: '2020-01-01T00:00:00Z',
      imported: true,
      rule: { fixed: 2, per: 'line' },
      until: '2027-01-01T00:00:00Z',
      version: 2,
    },
    {
      kind: 'giving.terms',
      ...terms,
      base: ['discount', 'platformDiscount'],
      ended: true,
      from: '2026-12-01T00:00:00Z',
      rule: { fixed: 2, per: 'unit' },
      version: 3,
    },
    { kind: 'giving.gift', move: [[6, 7, 2, 0, 0]], seal, terms: 13 },
    {
      kind: 'giving.gift',
      move: [
        [6, 7, 1, 2, 2],
        [6, 9, Number.MAX_SAFE_INTEGER - 3, 3, 0],
      ],
      seal,
      terms: 13,
    },
    { kind: 'giving.return', back: [[7, 6, 1, 0, 0, 31, 0, 1]], ...returned },
    { kind: 'giving.return', ...returned },
    {
      kind: 'giving.tally',
      created: { CNY: [2, 5] },
      date: '2026-11-18',
      digest: seal,
      ignored: { no_pledge: 3 },
      refused: {},
      returned: { CNY: [1, 1] },
      source: 'shop-1',
    },
  ];
  return said.map(canonical);
}

function describeValid(entry: string): object {
  return { kind: parseEntry(entry).kind, entry, leafHash: toHex(leafHash(utf8(entry))) };
}

function describeRefused([why, entry]: readonly [string, string]): object {
  try {
    parseEntry(entry);
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    const { rule, member } = error;
    return { why, entry, rule, member };
  }
  throw new Error(`accepted: ${entry}`);
}

/** Numbers as text: some pass 2^53. */
function amounts(): object {
  const text = (parts: readonly bigint[]) => parts.map(String);
  const line = { paid: 1990, shipping: 300, tax: 110, discount: 50, platformDiscount: 25 };
  const bases = [[], ['shipping'], ['shipping', 'tax'], ['discount', 'platformDiscount', 'shipping', 'tax']] as const;
  const weights = [[1n], [1n, 1n], [50n, 30n, 20n], [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 10_000n]];
  const totals = [0n, 1n, 2n, 3n, 7n, 10n, 99n, 1_000_003n, 9_007_199_254_740_991n];
  const gifts = [
    [{ basisPoints: 100 }, 1990n, 1],
    [{ basisPoints: 100 }, 49n, 1],
    [{ basisPoints: 100 }, 50n, 1],
    [{ basisPoints: 10_000 }, 7n, 1],
    [{ basisPoints: 9_999 }, 9_007_199_254_740_991n, 1],
    [{ fixed: 2, per: 'line' }, 1990n, 3],
    [{ fixed: 2, per: 'unit' }, 1990n, 3],
    [{ fixed: 10, per: 'unit' }, 25n, 3],
  ] as const;
  const returns = [
    [20n, 1990n, 1990n, 995n],
    [20n, 1990n, 1990n, 1n],
    [20n, 1990n, 1990n, 1990n],
    [20n, 2065n, 1990n, 1990n],
    [20n, 1580n, 1990n, 1700n],
    [1n, 3n, 3n, 1n],
    [1n, 3n, 3n, 2n],
  ] as const;
  const splits = [[50n, 30n, 20n], 0n, 2n, 4n] as const;
  return {
    apportion: weights.flatMap((by) =>
      totals.map((total) => ({ total: String(total), weights: text(by), parts: text(apportion(total, by)) })),
    ),
    price: bases.map((base) => ({ line, base, price: String(price(line, base)) })),
    gift: gifts.map(([rule, of, quantity]) => ({
      rule,
      price: String(of),
      quantity,
      amount: String(giftAmount(rule, of, quantity)),
    })),
    kept: returns.map(([given, of, paid, returnedPaid]) => {
      const returned = returnedPrice(of, paid, returnedPaid);
      const kept = keptAfterReturns(given, of, returned);
      return {
        given: String(given),
        price: String(of),
        paid: String(paid),
        returnedPaid: String(returnedPaid),
        returnedPrice: String(returned),
        kept: String(kept),
      };
    }),
    split: splits.slice(1).map((before) => ({
      weights: text(splits[0]),
      before: String(before),
      amount: '2',
      parts: text(splitGift(splits[0], before as bigint, 2n)),
    })),
    takeBack: [
      [0n, 1n],
      [1n, 4n],
      [4n, 10n],
    ].map(([before = 0n, after = 0n]) => ({
      moves: ['5', '3', '2'],
      before: String(before),
      after: String(after),
      parts: text(takeBack([5n, 3n, 2n], before, after)),
    })),
  };
}

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

/** HMAC-SHA256 from Node, not from the code under test. */
function sealed(id: string, opening: object): { id: string; key: string; salt: string; text: string; seal: string } {
  const key = '0123456789abcdef'.repeat(4);
  const salt = toBase64Url(createHmac('sha256', key).update(id).digest());
  const text = canonical(opening);
  return { id, key, salt, text, seal: sealOf({ salt, text }) };
}

function seals(): object {
  const { buyer: _buyer, ...nobody } = order;
  const returned = {
    line: '1',
    order: 'A1001',
    paid: 995,
    return: 'R55',
    returnedAt: '2026-11-20T08:00:00Z',
    source: 'shop-1',
  };
  return {
    gift: sealed('main-1234', order),
    giftWithoutBuyer: sealed('test-7', { ...nobody, item: 'b"o\\ok\u2028书', line: '\u0001' }),
    return: sealed('main-1240', returned),
  };
}

/** 300 entries: one full bundle and tile, partial ones behind; gifts over two recipients, returns, a tally. */
function smallLog() {
  const book = new TestBook();
  const market = book.market([publicId('a'), publicId('b')]);
  const [a = 0, b = 0] = market.to;
  const terms = book.terms(market, {
    recipients: [
      [a, 70],
      [b, 30],
    ],
    cap: 100_000,
  });
  const { salt, text, seal: sealOfGift } = sealed(`main-${book.entries.length}`, order);
  const gift = book.gift(terms, 20, sealOfGift);
  const first = book.entries.length;
  for (let i = 0; book.entries.length < 297; i++) {
    const made = book.gift(terms, 1 + (i % 23));
    if (i % 20 === 19) book.return(made, 1 + (i % 3));
    if (i % 100 === 99) book.say('log.tick', { time: `2026-11-18T08:00:${String(10 + i / 10).slice(0, 2)}Z` });
  }
  const last = book.entries.length - 1;
  const returned = book.return(gift, 7);
  const counted = book.entries.flatMap((entry, i) => (/"kind":"giving\.(gift|return)"/.test(entry) ? [i] : []));
  const sums = expectedSums(book);
  book.say('giving.tally', {
    created: { CNY: [sums.gifts, sums.given] },
    date: '2026-11-18',
    digest: book.digest(counted),
    ignored: { no_pledge: 3 },
    refused: {},
    returned: { CNY: [sums.returns, sums.returned] },
    source: 'shop-1',
  });
  book.say('log.tick', { time: '2026-11-19T00:00:00Z' });
  const related = [0, 2, 4, 5, 6, 7, 8, 9, terms, returned];
  return { book, gift, related, opening: { salt, text }, promise: book.promise(first, last, '2026-11-18T08:01:00Z') };
}

/** Sums straight from the entries. */
function expectedSums(book: TestBook) {
  const entries = book.entries.map(
    (entry) => JSON.parse(entry) as { kind: string; move?: number[][]; declare?: number[][] },
  );
  const sum = (rows: (number[][] | undefined)[]) =>
    rows.flatMap((row) => row ?? []).reduce((all, row) => all + (row[2] ?? 0), 0);
  const of = (kind: string) => entries.filter((entry) => entry.kind === kind);
  return {
    gifts: of('giving.gift').length,
    given: sum(of('giving.gift').map(({ move }) => move)),
    returns: of('giving.return').length,
    returned: sum(of('giving.return').map(({ declare }) => declare)),
  };
}

function expectedOfLog(book: TestBook, gift: number): object {
  const { gifts, given, returned } = expectedSums(book);
  return {
    key: book.logKey.vkey,
    witness: book.witnessKey.vkey,
    size: book.entries.length,
    accounts: book.totals,
    totals: { CNY: { givenMinor: String(given), returnedMinor: String(returned), gifts: String(gifts) } },
    gift,
  };
}
