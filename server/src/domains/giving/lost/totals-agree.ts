/** Whether the public totals of the database are those that a replay of the log makes. */
import type { Replay } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { type Finding, findingOf } from '#base/finding';
import { readAssetTotals, readRecipientTotals } from '../totals/store.ts';

type Figures = { given: number | bigint; returned: number | bigint; gifts: number | bigint };

/** @param replay of all entries that the database has of this book */
export async function totalsAgree(read: ClientBase, bookId: number, replay: Replay): Promise<Finding> {
  const here = new Map<string, string>();
  for (const { asset, total } of await readAssetTotals(read, bookId, null)) here.set(asset, figures(total));
  for (const { recipient, asset, total } of await readRecipientTotals(read, bookId, null))
    here.set(`${recipient} ${asset}`, figures(total));
  const there = new Map<string, string>();
  for (const [asset, total] of replay.totals()) there.set(asset, figures(total));
  for (const [recipient, assets] of replay.recipientTotals())
    for (const [asset, total] of assets) there.set(`${recipient} ${asset}`, figures(total));
  const differ = [...new Set([...here.keys(), ...there.keys()])]
    .filter((key) => here.get(key) !== there.get(key))
    .map((total) => ({ total, here: here.get(total), log: there.get(total) }));
  return findingOf('giving: totals are those that the log replays to', differ);
}

function figures({ given, returned, gifts }: Figures): string {
  return `${given}/${returned}/${gifts}`;
}
