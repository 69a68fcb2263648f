/** Openings with the secrets that salt their seals; and how a person's are forgotten. */
import type { ClientBase, Pool } from 'pg';
import { type PackedOpening, packOpenings, tagOf, unpackOpenings } from './opening-run.ts';
import * as store from './store.ts';

type Reader = Pool | ClientBase;

/** A gift's opening. */
export interface Opening {
  readonly text: string;
  /** HMAC-128 of (source, buyer), or null for a gift without a buyer. */
  readonly person: string | null;
  /** Key of the salts of this person's seals, or of this gift's alone. */
  readonly secret: string;
}

/** How persons are named in this book: HMAC-128 of (source, buyer). */
export type PersonOf = (source: string, buyer: string) => string;

/** Openings of gifts by their index. Those that were erased are left out. */
export async function readOpenings(
  read: Reader,
  bookId: number,
  gifts: readonly number[],
  personOf: PersonOf,
): Promise<Map<number, Opening>> {
  if (gifts.length === 0) return new Map();
  const wanted = new Set(gifts);
  const packed = await unpackAll(await store.readRuns(read, bookId, gifts));
  const found = packed
    .filter(({ index }) => wanted.has(index))
    .map((opening) => ({ ...opening, person: personIn(opening, personOf) }));
  const persons = new Set(found.flatMap(({ person }) => person ?? []));
  const secrets = await store.readSecrets(read, bookId, [...persons]);
  const openings = new Map<number, Opening>();
  for (const { index, text, own, person } of found) {
    const secret = person === null ? own : secrets.get(person);
    if (secret !== undefined) openings.set(index, { text, person, secret });
  }
  return openings;
}

/** Texts by index, of gifts and returns from `from` to below `to`. */
export async function readTexts(read: Reader, bookId: number, from: number, to: number): Promise<Map<number, string>> {
  const packed = await unpackAll(await store.readRunsBetween(read, bookId, from, to));
  return new Map(packed.map(({ index, text }) => [index, text]));
}

/**
 * Deletes a person's key, and every opening of their gifts and of the returns of these.
 * @returns how many seals can no longer be opened; null when the person is not known
 */
export async function forgetPerson(
  tx: ClientBase,
  bookId: number,
  person: string,
  personOf: PersonOf,
): Promise<number | null> {
  const known = await store.deletePerson(tx, bookId, person);
  const tag = tagOf(person);
  const gifts: number[] = [];
  for (const run of await store.readRunsTagged(tx, bookId, tag))
    for (const opening of await unpackOpenings(run))
      if (opening.tag === tag && personIn(opening, personOf) === person) gifts.push(opening.index);
  const returns = await store.readReturnEntries(tx, bookId, gifts);
  const dropped = await dropOpenings(tx, bookId, new Set([...gifts, ...returns]));
  return known ? dropped : null;
}

async function dropOpenings(tx: ClientBase, bookId: number, gone: ReadonlySet<number>): Promise<number> {
  let dropped = 0;
  for (const run of await store.readRuns(tx, bookId, [...gone])) {
    const openings = await unpackOpenings(run);
    const kept = openings.filter(({ index }) => !gone.has(index));
    dropped += openings.length - kept.length;
    await store.replaceRun(tx, bookId, run.first, kept.length === 0 ? null : await packOpenings(kept));
  }
  return dropped;
}

async function unpackAll(runs: Parameters<typeof unpackOpenings>[0][]): Promise<PackedOpening[]> {
  return (await Promise.all(runs.map(unpackOpenings))).flat();
}

/** The buyer that a gift's opening names; a return's names none. */
function personIn({ text }: PackedOpening, personOf: PersonOf): string | null {
  const { source, buyer } = JSON.parse(text) as { source: string; buyer?: string };
  return buyer === undefined ? null : personOf(source, buyer);
}
