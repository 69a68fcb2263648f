// The totals as pages use them: amounts as bigint, recipients in a stated order.
import type { AssetTotal, Name, RecipientTotals, Totals } from '@rivulet/client/contract';
import type { Language } from '../../shell/language.ts';

export interface Sum {
  asset: string;
  given: bigint;
  returned: bigint;
  gifts: bigint;
}

/** Assets with most gifts first, then by code. */
export function sums(assets: Totals['assets']): Sum[] {
  return Object.entries(assets)
    .map(([asset, total]) => ({ asset, ...amounts(total) }))
    .sort((a, b) => compare(b.gifts, a.gifts) || (a.asset < b.asset ? -1 : 1));
}

function amounts(total: AssetTotal) {
  return { given: BigInt(total.givenMinor), returned: BigInt(total.returnedMinor), gifts: BigInt(total.gifts) };
}

export interface Receiver {
  id: string;
  type: 'project' | 'organisation';
  name: Name;
  charity: Name;
  sums: Sum[];
  gifts: bigint;
}

/** Most gifts first; equal ones by public id, which says nothing. Nobody can buy a place. */
export function receivers(totals: RecipientTotals): Receiver[] {
  return totals.recipients
    .map((row) => {
      const all = sums(row.assets);
      const gifts = all.reduce((sum, one) => sum + one.gifts, 0n);
      return { id: row.recipient, type: row.type, name: row.name, charity: row.charity, sums: all, gifts };
    })
    .sort((a, b) => compare(b.gifts, a.gifts) || (a.id < b.id ? -1 : 1));
}

/** For each receiver the share of the river above and below its branch, 1 at the top and 0 at the end. */
export function shares(list: readonly Receiver[]): { before: number; after: number }[] {
  const all = list.reduce((sum, one) => sum + one.gifts, 0n);
  let left = all;
  return list.map((one) => {
    const before = share(left, all);
    left -= one.gifts;
    return { before, after: share(left, all) };
  });
}

/** To a ten-thousandth; what is there at all is never nothing. */
function share(part: bigint, whole: bigint): number {
  return part === 0n ? 0 : Math.max(1, Number((part * 10_000n) / whole)) / 10_000;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A name in the reader's language, else in the one it has, with that one's `lang`. */
export function inWords(name: Name, language: Language): { text: string; lang?: string } {
  const own = name[language];
  if (own !== undefined) return { text: own };
  return language === 'en' ? { text: name.zh ?? '', lang: 'zh-CN' } : { text: name.en ?? '', lang: 'en' };
}
