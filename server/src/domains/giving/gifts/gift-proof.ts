/** The `.tlog-proof` file of a gift: the entry, all that gives it meaning, and for its holder the opening. Format: docs/formats/proofs.md. */
import { Fault } from '#base/fault';
import type { Refusal } from '#base/refusal';
import type { GivingBook, GivingContext, ProvedEntries } from '../book.ts';
import { saltOf } from '../intake/opening.ts';
import { type Opening, readOpenings } from '../openings/openings.ts';
import { sayGift } from './say-gift.ts';
import { type GiftFacts, type PartFacts, readGift, readParts } from './store.ts';
import { noSuchGift } from './view-gift.ts';

/**
 * @param opened whether the caller holds the source's key or the gift code
 * @throws Fault `not_published` within the first second of a gift's life
 */
export async function giftProof(
  context: GivingContext,
  held: GivingBook,
  index: number,
  opened: boolean,
): Promise<string | Refusal> {
  const { bookId, book } = held.book;
  const facts = await readGift(context.pool, bookId, index);
  if (facts === null) return noSuchGift;
  const published = held.log.published()?.size ?? 0;
  if (index >= published)
    throw new Fault('not_published', 'the gift is not in a checkpoint yet', { retryAfterSeconds: 1 });
  const parts = await readParts(context.pool, bookId, index);
  const related = relatedTo(facts, parts).filter((other) => other < published);
  const proved = await held.log.prove([index, ...related]);
  const opening = opened ? await openingOf(context, held, index) : undefined;
  const extra = {
    entry: proved.entries[0]?.entry,
    format: 1,
    keys: held.log.vkeys(),
    related: proved.entries
      .slice(1)
      .map(({ index: at, entry, path }) => ({ entry, index: at, path: path.map(base64) })),
    ...(proved.rotations.length === 0 ? {} : { rotations: proved.rotations }),
    says: sayGift(held.book.purpose, facts, parts),
    ...(opening === undefined ? {} : { opening: { salt: saltText(opening.secret, book, index), text: opening.text } }),
  };
  return proofFile(index, proved, JSON.stringify(extra));
}

/** Undefined when the buyer was erased. */
async function openingOf(
  { pool }: GivingContext,
  { book, intake }: GivingBook,
  index: number,
): Promise<Opening | undefined> {
  return (await readOpenings(pool, book.bookId, [index], intake.personOf)).get(index);
}

/** Terms, asset, accounts, recipients, merchant, returns; in log order, each once. */
function relatedTo(facts: GiftFacts, parts: readonly PartFacts[]): number[] {
  const all = [0, facts.termsIndex, facts.assetIndex, facts.merchantIndex, ...facts.returnIndices];
  for (const part of parts) all.push(part.accountIndex, part.fromAccountIndex, part.recipientIndex);
  return [...new Set(all)].sort((a, b) => a - b);
}

function proofFile(index: number, { checkpoint, entries }: ProvedEntries, extra: string): string {
  const path = (entries[0]?.path ?? []).map((hash) => `${base64(hash)}\n`).join('');
  return `c2sp.org/tlog-proof@v1\nextra ${base64(Buffer.from(extra))}\nindex ${index}\n${path}\n${checkpoint}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function saltText(secret: string, book: string, index: number): string {
  return Buffer.from(saltOf(secret, book, index), 'latin1').toString('base64url');
}
