/** Reads one book's part of the catalogue from the database, page by page. */
import { type GivingTerms, merchantAccount } from '@rivulet/verifier';
import type { ClientBase, Pool } from 'pg';
import { assert } from '#base/assert';
import type { Ledger } from '#books/ledger';
import { type Parties, termsOf } from '../pledge/terms.ts';
import { Catalogue } from './catalogue.ts';

const pageRows = 20_000;
/** From this many gifts on, what was given so far is written down, so that the next start need not add them up again. */
const gapToKeep = 1_000_000;

/** A catalogue with all of this book, and the sources of every book. */
export async function loadCatalogue(read: ClientBase, ledger: Ledger): Promise<Catalogue> {
  const { bookId } = ledger;
  const catalogue = new Catalogue();
  const { rows } = await read.query(`select source, book_id as "bookId", zone, currencies from giving.source`);
  for (const row of rows) catalogue.putSource(row);
  await loadPledges(read, bookId, catalogue);
  await loadTerms(read, ledger, catalogue);
  for (const { source } of rows.filter((row) => row.bookId === bookId)) await loadItems(read, source, catalogue);
  return catalogue;
}

/** Lets a process that writes no book know its sources, so that it can serve what is read by source. */
export async function knowSources(pool: Pool, catalogue: Catalogue): Promise<void> {
  const { rows } = await pool.query(`select source, book_id as "bookId", zone, currencies from giving.source`);
  for (const row of rows) if (catalogue.source(row.source) === undefined) catalogue.putSource(row);
}

async function loadPledges(read: ClientBase, bookId: number, catalogue: Catalogue): Promise<void> {
  for (let after = ['', '']; ; ) {
    const { rows } = await read.query({
      name: 'giving.load-pledges',
      text: `select source, pledge, merchant, public_id as "publicId" from giving.pledge
             where book_id = $1 and (source, pledge) > ($2, $3) order by source, pledge limit ${pageRows}`,
      values: [bookId, ...after],
    });
    for (const row of rows) catalogue.putPledge({ ...row, running: { gross: 0 }, versions: [] });
    if (rows.length < pageRows) return;
    after = [rows.at(-1).source, rows.at(-1).pledge];
  }
}

async function loadTerms(read: ClientBase, ledger: Ledger, catalogue: Catalogue): Promise<void> {
  const { bookId } = ledger;
  const accounts = await readAccounts(read, ledger);
  const given = await readGiven(read, bookId);
  for (let after: readonly [string, string, number] = ['', '', 0]; ; ) {
    const { rows } = await read.query({
      name: 'giving.load-terms',
      text: `select source, pledge, version, index, entry from giving.terms
             where book_id = $1 and (source, pledge, version) > ($2, $3, $4) order by source, pledge, version limit ${pageRows}`,
      values: [bookId, ...after],
    });
    for (const row of rows) {
      const pledge = catalogue.pledge(row.source, row.pledge);
      assert(pledge !== undefined, `terms ${row.index} are of no pledge`);
      const index = Number(row.index);
      catalogue.putTerms(termsOf(bookId, index, pledge, row.entry, partiesOf(row.entry, accounts), given.get(index)));
      pledge.running.gross += given.get(index) ?? 0;
    }
    if (rows.length < pageRows) return;
    after = [rows.at(-1).source, rows.at(-1).pledge, rows.at(-1).version];
  }
}

interface Accounts {
  /** From `<asset> <name>` to the number. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

async function readAccounts(read: ClientBase, ledger: Ledger): Promise<Accounts> {
  const rows = await ledger.readAccountsBelow(read, 'giving/');
  const numbers = new Map(rows.map((row) => [`${row.asset} ${row.name}`, row.account]));
  return { numbers, names: new Map(rows.map((row) => [row.account, row.name])) };
}

function partiesOf({ asset, merchant, recipients }: GivingTerms, { numbers, names }: Accounts): Parties {
  const fromAccount = numbers.get(`${asset} ${merchantAccount(merchant)}`);
  assert(fromAccount !== undefined, `merchant ${merchant} has no account in ${asset}`);
  const shares = recipients.map(([account, weight]) => {
    const publicId = names.get(account)?.split('/')[3];
    assert(publicId !== undefined, `account ${account} is no pledge account`);
    return { account, weight, publicId };
  });
  return { fromAccount, shares };
}

async function loadItems(read: ClientBase, source: string, catalogue: Catalogue): Promise<void> {
  for (let after: readonly [string, string, number] = ['', '', 0]; ; ) {
    const { rows } = await read.query({
      name: 'giving.load-items',
      text: `select merchant, item, extract(epoch from starts_at)::float8 * 1000 as "fromMs", pledge from giving.item
             where source = $1 and (merchant, item, starts_at) > ($2, $3, to_timestamp($4::float8 / 1000))
             order by merchant, item, starts_at limit ${pageRows}`,
      values: [source, ...after],
    });
    for (const row of rows) catalogue.putItem(source, row.merchant, row.item, row.fromMs, row.pledge);
    if (rows.length < pageRows) return;
    after = [rows.at(-1).merchant, rows.at(-1).item, rows.at(-1).fromMs];
  }
}

/** For now and then, so that a start after a crash has little to add up. Writes nothing when little was added since. */
export async function keepGivenSoFar(pool: Pool, bookId: number, gap = gapToKeep): Promise<boolean> {
  const client = await pool.connect();
  try {
    return await keepGiven(client, bookId, gap);
  } finally {
    client.release();
  }
}

/** Gifts of book $1 from an index on, without reading those before. */
const giftsFrom = (index: string) =>
  `select r.first + u.at as index, u.terms, u.given from giving.gift_run r cross join lateral unnest(r.at, r.terms, r.given) as u(at, terms, given)
   where r.book_id = $1 and r.next > ${index} and r.first + u.at >= ${index}`;

/** Given under each version so far, by its index: what was written down, and the gifts since. */
async function readGiven(read: ClientBase, bookId: number): Promise<Map<number, number>> {
  await keepGiven(read, bookId, gapToKeep);
  const { rows } = await read.query(
    `select terms, sum(given) as given from (
       select terms, given from giving.given_so_far where book_id = $1
       union all
       select terms, given from (${giftsFrom('coalesce((select size from giving.given_mark where book_id = $1), 0)')}) since
       union all
       select terms, given from giving.lost_gift where book_id = $1) g
     group by terms`,
    [bookId],
  );
  return new Map(rows.map((row) => [Number(row.terms), Number(row.given)]));
}

/**
 * Writes down what was given so far, when at least `gap` entries were added since the last time. Gifts below the newest index are all committed,
 * because indices are dense in commit order; the mark moves by compare-and-swap, so that no gift is counted twice whoever else does this, and stays
 * below gifts whose lines a rescue has lost. A crash
 * leaves the old mark and the old sums.
 */
async function keepGiven(client: ClientBase, bookId: number, gap: number): Promise<boolean> {
  const { rows } = await client.query(
    `select coalesce((select size from giving.given_mark where book_id = $1), 0) as old,
       least(coalesce((select max(next) from giving.gift_run where book_id = $1), 0),
         (select min(index) from giving.lost_gift where book_id = $1)) as new`,
    [bookId],
  );
  const [old, size] = [Number(rows[0].old), Number(rows[0].new)];
  if (size <= old || size - old < gap) return false;
  await client.query('begin');
  try {
    const moved = await client.query(
      `insert into giving.given_mark as m (book_id, size) values ($1, $3)
       on conflict (book_id) do update set size = excluded.size where m.size = $2`,
      [bookId, old, size],
    );
    if (moved.rowCount === 1)
      await client.query(
        `insert into giving.given_so_far as s (book_id, terms, given)
         select $1, terms, sum(given) from (${giftsFrom('$2')}) since where index < $3 group by terms
         on conflict (book_id, terms) do update set given = s.given + excluded.given`,
        [bookId, old, size],
      );
    await client.query('commit');
    return moved.rowCount === 1;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
