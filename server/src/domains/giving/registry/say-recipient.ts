/** Recipients are said in each book that needs them: when the first version of a pledge names them there, and again when they change. */
import { canonical, type GivingRecipient } from '@rivulet/verifier';
import type { Draft } from './draft.ts';
import type { RecipientRow } from './store.ts';

/** Appends the recipient's entry unless this book's log says just that already. Returns whether it did. */
export function sayRecipient(draft: Draft, row: RecipientRow): boolean {
  const entry: GivingRecipient = {
    kind: 'giving.recipient',
    assets: row.assets,
    charity: row.charity,
    name: row.name,
    recipient: row.publicId,
    type: row.type,
  };
  const said = draft.said(row.recipient);
  if (said !== undefined && canonical(said) === canonical(entry)) return false;
  draft.putSaid(row.recipient, entry, draft.say(entry));
  return true;
}

/** For a book in which the recipient was said before and may be out of date. */
export function sayAgain(draft: Draft, recipient: string): boolean {
  const row = draft.recipient(recipient);
  return row !== undefined && draft.said(recipient) !== undefined && sayRecipient(draft, row);
}
