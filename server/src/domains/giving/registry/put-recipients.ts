/** Operators name who may be given to. The main book's writer keeps the table; every book that said a recipient says it again when it changes. */
import { type RecipientAnswer, RecipientRow } from '@rivulet/client/contract';
import { canonical, type Name } from '@rivulet/verifier';
import { assert } from '#base/assert';
import { type Refusal, refusal } from '#base/refusal';
import type { GivingContext } from '../book.ts';
import type { Draft } from './draft.ts';
import { type Language, type Put, putRows } from './put-rows.ts';
import { RegistryWork } from './registry.ts';
import { sayAgain } from './say-recipient.ts';
import { readAssetsInUse, readRecipients, readSayingBooks } from './store.ts';

interface Said {
  readonly recipient: string;
  readonly publicId: string;
}

/** Durable on return, in all books. A crash between two books is healed when the same rows come again, or when a pledge names the recipient. */
export async function putRecipients(
  context: GivingContext,
  rows: readonly unknown[],
  language: Language,
  now = new Date(),
): Promise<RecipientAnswer> {
  const [main] = context.books;
  assert(main !== undefined, 'there is a book');
  const inUse = await assetsInUse(context, rows, now);
  const answer = await putRows(main, null, rows, language, {
    schema: RecipientRow,
    needs: (part) => ({ recipients: part.map(({ recipient }) => recipient) }),
    refused: ({ recipient, assets }) => (inUse(recipient).some((asset) => !assets.includes(asset)) ? assetInUse : null),
    put: putRecipient,
  });
  await sayElsewhere(
    context,
    answer.results.flatMap((result) => (result.outcome === 'refused' ? [] : [result.recipient])),
  );
  return answer as RecipientAnswer;
}

function putRecipient(draft: Draft, row: RecipientRow): Put<Said> | Refusal {
  const before = draft.recipient(row.recipient);
  const { recipient } = row;
  const publicId = before?.publicId ?? draft.newPublicId();
  const now = { ...row, name: row.name as Name, charity: row.charity as Name, publicId };
  if (before !== undefined && canonical(before) === canonical(now)) {
    sayAgain(draft, recipient);
    return { outcome: 'unchanged', recipient, publicId };
  }
  draft.putRecipient(now);
  sayAgain(draft, recipient);
  return { outcome: before === undefined ? 'created' : 'changed', recipient, publicId };
}

/** Books other than the main one. */
async function sayElsewhere(context: GivingContext, recipients: readonly string[]): Promise<void> {
  const books = await readSayingBooks(context.pool, recipients);
  for (const { book, registry, writer } of context.books.slice(1)) {
    if (!books.includes(book.bookId)) continue;
    const work = new RegistryWork(registry, null, recipients.length, { recipients }, (draft) =>
      recipients.filter((recipient) => sayAgain(draft, recipient)),
    );
    await writer.submit(work);
  }
}

/** For rows that drop an asset: those that pledges give now. Looked up before the writer is asked: it reads every version of every pledge. */
async function assetsInUse(
  context: GivingContext,
  rows: readonly unknown[],
  at: Date,
): Promise<(recipient: string) => readonly string[]> {
  const asked = new Map(
    rows.flatMap((row) => {
      const parsed = RecipientRow.safeParse(row);
      return parsed.success ? [[parsed.data.recipient, parsed.data.assets] as const] : [];
    }),
  );
  const before = await readRecipients(context.pool, [...asked.keys()]);
  const dropping = before.filter(({ recipient, assets }) =>
    assets.some((asset) => !asked.get(recipient)?.includes(asset)),
  );
  const inUse = await readAssetsInUse(
    context.pool,
    dropping.map(({ recipient }) => recipient),
    at,
  );
  const found = Map.groupBy(inUse, ({ recipient }) => recipient);
  return (recipient) => found.get(recipient)?.map(({ asset }) => asset) ?? [];
}

const assetInUse = refusal(
  'conflict',
  'asset_in_use',
  'pledges give this recipient an asset that the row no longer lists; end them first',
  '仍有承诺以该资产向此受赠方捐赠，请先结束这些承诺',
  'assets',
);
