/** The demo marketplace's own books: shops, goods with prices, and what each sale gives. The same at every start. */
import type { MerchantInput, PledgeInput } from '@rivulet/client';
import { type DemoShop, demoShops } from './merchants.ts';

export const demoSource = 'demo';
const itemsOfShop = 22;

export interface Goods {
  readonly merchant: string;
  readonly item: string;
  /** One unit, fen. */
  readonly priceMinor: number;
  /** Null: a sale of it gives nothing. */
  readonly pledge: string | null;
}

export interface DemoMarket {
  readonly merchants: readonly MerchantInput[];
  readonly pledges: readonly PledgeInput[];
  /** Those of `pledges` that are over. */
  readonly ended: readonly string[];
  readonly goods: readonly Goods[];
}

type Rule = Pick<PledgeInput, 'basisPoints' | 'fixedMinor' | 'per' | 'capMinor'>;

/** What shops give, in turn. Ten fen is our default for a line; the last is spent after some sales. */
const rules: readonly Rule[] = [
  { basisPoints: 100 },
  { fixedMinor: 2, per: 'line' },
  { fixedMinor: 10, per: 'line' },
  { basisPoints: 30 },
  { fixedMinor: 2, per: 'unit' },
  { basisPoints: 500 },
  { fixedMinor: 100, per: 'line' },
  { fixedMinor: 10, per: 'unit' },
  { basisPoints: 10 },
  { fixedMinor: 20, per: 'line', capMinor: 5_000 },
];

/** To whom, in turn: weights as percent. Some projects come up more often: a few are hot, as everywhere. */
const shares: readonly Readonly<Record<string, number>>[] = [
  { 'school-lunch': 100 },
  { 'care-pack': 100 },
  { 'elder-canteen': 100 },
  { 'school-lunch': 50, 'clean-water': 30, 'reading-corner': 20 },
  { saplings: 100 },
  { 'county-cover': 100 },
  { 'school-lunch': 100 },
  { companions: 60, 'parenting-centre': 40 },
  { 'village-doctor': 50, 'mother-baby': 50 },
  { bursary: 100 },
  { 'elder-canteen': 70, 'home-visit': 30 },
  { oasis: 100 },
  { 'care-pack': 40, 'school-lunch': 30, saplings: 20, 'elder-canteen': 10 },
];

export function demoMarket(): DemoMarket {
  const pledges = demoShops.flatMap((_, shop) => pledgesOf(shop));
  return {
    merchants: demoShops.map(merchantRow),
    pledges,
    ended: pledges.flatMap(({ pledge }, i) => (i % 23 === 22 ? [pledge] : [])),
    goods: demoShops.flatMap((shop, i) => goodsOf(shop, i)),
  };
}

function idOf(shop: number): string {
  return `m-${String(shop + 1).padStart(2, '0')}`;
}

function itemOf(shop: number, n: number): string {
  return `${idOf(shop)}-${String(n + 1).padStart(2, '0')}`;
}

/** Most let the world read their name; some keep it to the marketplace. */
function merchantRow({ en, zh }: DemoShop, shop: number): MerchantInput {
  const agreement = { reference: `DEMO-${String(shop + 1).padStart(3, '0')}`, signedOn: '2024-01-15' };
  return { merchant: idOf(shop), name: { en, zh }, public: shop % 6 !== 5, agreement };
}

/** Of each shop's goods, the first half carry its first pledge, then a second follows, and the last few carry none. */
function pledgesOf(shop: number): PledgeInput[] {
  const parts: readonly (readonly [from: number, to: number])[] = [
    [0, 12],
    [12, 20],
  ];
  return parts.map(([from, to], part) => {
    const turn = shop * 2 + part;
    const recipients = Object.entries(shares[turn % shares.length] ?? {});
    return {
      pledge: `${idOf(shop)}-p${part + 1}`,
      merchant: idOf(shop),
      currency: 'CNY',
      ...rules[(shop * 3 + part * 4) % rules.length],
      recipients: recipients.map(([recipient, weight]) => ({ recipient, weight })),
      items: Array.from({ length: to - from }, (_, n) => itemOf(shop, from + n)),
    };
  });
}

function goodsOf({ prices: [from, to] }: DemoShop, shop: number): Goods[] {
  return Array.from({ length: itemsOfShop }, (_, n) => {
    // A fixed scatter over the shop's range, denser at the cheap end, ending in 90 fen as prices do.
    const place = (((shop * 31 + n * 17) % 97) / 97) ** 2;
    const priceMinor = Math.round((from + place * (to - from)) / 100) * 100 - 10;
    const pledge = n < 12 ? `${idOf(shop)}-p1` : n < 20 ? `${idOf(shop)}-p2` : null;
    return { merchant: idOf(shop), item: itemOf(shop, n), priceMinor, pledge };
  });
}
