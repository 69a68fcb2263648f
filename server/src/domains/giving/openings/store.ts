/** All SQL of openings and of the persons whose keys salt them. */
import type { ClientBase, Pool } from 'pg';
import type { OpeningRun } from './opening-run.ts';

type Reader = Pool | ClientBase;

const columns = `first, at, tags, own, texts`;

interface Row {
  first: string;
  at: number[];
  tags: Buffer;
  own: string[] | null;
  texts: Buffer;
}

function runOf(row: Row): OpeningRun {
  return { ...row, first: Number(row.first) };
}

/** Where a batch's rows go, column by column. */
export const targets = {
  openings: 'giving.opening_run (book_id, first, next, at, tags, own, texts)',
  persons: 'giving.person (book_id, person, secret)',
};

/** The rows that cover these entries, each once, in order. */
export async function readRuns(read: Reader, bookId: number, indices: readonly number[]): Promise<OpeningRun[]> {
  const { rows } = await read.query<Row>({
    name: 'giving.read-opening-runs',
    text: `select distinct on (r.first) ${columns} from unnest($2::bigint[]) i(index)
           cross join lateral (select * from giving.opening_run where book_id = $1 and first <= i.index order by first desc limit 1) r
           where r.next > i.index order by r.first`,
    values: [bookId, indices],
  });
  return rows.map(runOf);
}

/** The rows that hold any of the entries from `from` to below `to`. */
export async function readRunsBetween(read: Reader, bookId: number, from: number, to: number): Promise<OpeningRun[]> {
  const { rows } = await read.query<Row>({
    name: 'giving.read-opening-runs-between',
    text: `select ${columns} from giving.opening_run where book_id = $1 and first < $3 and first >= coalesce(
             (select max(first) from giving.opening_run where book_id = $1 and first <= $2), $2) order by first`,
    values: [bookId, from, to],
  });
  return rows.map(runOf);
}

/** The rows where a person's openings may be: tags are short, so some hold none. */
export async function readRunsTagged(read: Reader, bookId: number, tag: string): Promise<OpeningRun[]> {
  const { rows } = await read.query<Row>(
    `select ${columns} from giving.opening_run where book_id = $1 and position($2::bytea in tags) > 0 order by first`,
    [bookId, Buffer.from(tag, 'latin1')],
  );
  return rows.map(runOf);
}

/** Writes `run` in the place of the row that began at `first`; null: nothing is left of it. */
export async function replaceRun(tx: ClientBase, bookId: number, first: number, run: OpeningRun | null): Promise<void> {
  await tx.query(`delete from giving.opening_run where book_id = $1 and first = $2`, [bookId, first]);
  if (run === null) return;
  await tx.query(
    `insert into giving.opening_run (book_id, first, next, at, tags, own, texts) values ($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, run.first, run.first + (run.at.at(-1) ?? 0) + 1, run.at, run.tags, run.own, run.texts],
  );
}

/** By HMAC; those that are not known, or were erased, are left out. @param persons HMAC-128s, binary strings */
export async function readSecrets(
  read: Reader,
  bookId: number,
  persons: readonly string[],
): Promise<Map<string, string>> {
  if (persons.length === 0) return new Map();
  const { rows } = await read.query({
    name: 'giving.read-persons',
    text: `select i, p.secret from generate_series(0, length($2::bytea) / 16 - 1) i
           cross join lateral (select * from giving.person p
             where p.book_id = $1 and p.person = substring($2::bytea from i * 16 + 1 for 16) limit 1) p`,
    values: [bookId, Buffer.from(persons.join(''), 'latin1')],
  });
  return new Map(rows.map((row) => [persons[row.i] as string, row.secret]));
}

/** @returns whether there was such a person */
export async function deletePerson(tx: ClientBase, bookId: number, person: string): Promise<boolean> {
  const { rowCount } = await tx.query(`delete from giving.person where book_id = $1 and person = $2`, [
    bookId,
    Buffer.from(person, 'latin1'),
  ]);
  return rowCount === 1;
}

/** Entries of the returns of these gifts. */
export async function readReturnEntries(
  read: Reader,
  bookId: number,
  gifts: readonly number[],
): Promise<readonly number[]> {
  const { rows } = await read.query(
    `select index from giving.return where book_id = $1 and gift = any($2::bigint[]) and index is not null`,
    [bookId, gifts],
  );
  return rows.map((row) => Number(row.index));
}
