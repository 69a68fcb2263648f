/** Closes a book's month: the entry that commits to every balance, said only when the rows have the same balances as the log. */
import { canonical, type StateAccount } from '@rivulet/verifier';
import type { Pool } from 'pg';
import { type Finding, findingOf } from '#base/finding';
import type { Batch, Work } from '#books/log';
import { type AccountAt, readAccountsAt } from './close-store.ts';
import type { Ledger } from './ledger.ts';

/** What docs/formats/close.md says of the state before entry `at`. */
export interface CloseSaid {
  readonly at: number;
  readonly lines: number;
  /** Base64url. */
  readonly root: string;
}

/** How many accounts are compared at once. */
export const accountsAtOnce = 5_000;

/**
 * The accounts of a state against the rows as they were at that size of the log.
 * @param accounts as the log has them, by number, up to `accountsAtOnce` a time
 */
export async function closeAgrees(
  read: Pool,
  bookId: number,
  at: number,
  accounts: AsyncIterable<readonly StateAccount[]>,
): Promise<Finding> {
  const differ: { account: number }[] = [];
  let last = 0;
  for await (const some of accounts) {
    const rows = await readAccountsAt(read, bookId, at, last, some.length);
    differ.push(...some.filter((said, i) => !same(said, rows[i])).map(({ account }) => ({ account })));
    last += some.length;
  }
  const more = await readAccountsAt(read, bookId, at, last, 1);
  const rows = [...differ, ...more.map(({ account }) => ({ account }))];
  return findingOf(`ledger: accounts at entry ${at} are those that the log replays to`, rows, last);
}

function same(said: StateAccount, row: AccountAt | undefined): boolean {
  return (
    row?.account === said.account &&
    row.asset === said.asset &&
    row.name === said.name &&
    row.source === (said.source === true) &&
    row.in === said.in &&
    row.out === said.out
  );
}

/** Says the close; saying it twice does no harm. Its result is the entry's index. */
export function closeWork(ledger: Ledger, { at, lines, root }: CloseSaid): Work<number> {
  return {
    family: ledger,
    size: 1,
    build: (batch: Batch) => batch.append(canonical({ kind: 'ledger.close', at, lines, root })),
  };
}
