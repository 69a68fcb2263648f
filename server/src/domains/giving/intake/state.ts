/** What the intake holds of gifts, terms and persons while it works on a batch. */
import type { IgnoredReason, ReturnMade } from '@rivulet/client/contract';
import type { BasePart, Rule } from '@rivulet/verifier';
import type { Refusal } from '#base/refusal';
import type { Move } from '#books/ledger';

/** A version of a pledge, as the catalogue keeps it. Amounts are safe integers in minor units. */
export interface Terms {
  readonly index: number;
  readonly source: string;
  readonly pledge: string;
  readonly version: number;
  /** The source's own id of the merchant. */
  readonly merchant: string;
  readonly asset: string;
  readonly base: readonly BasePart[];
  readonly rule: Rule;
  readonly recipients: readonly { readonly publicId: string; readonly account: number; readonly weight: number }[];
  /** The merchant's source account. */
  readonly fromAccount: number;
  /** Everything given under the pledge, gross, over its versions; null: no cap. */
  readonly cap: number | null;
  readonly imported: boolean;
  readonly startsMs: number;
  /** Given under this version so far: the intake moves it forward after each commit. */
  readonly running: { given: number };
  /** Given under the pledge so far, shared by its versions. */
  readonly pledgeRunning: { gross: number };
}

export interface Source {
  readonly source: string;
  readonly bookId: number;
  readonly zone: string;
  readonly currencies: readonly string[];
  dayOf(ms: number): string;
}

export type NoTerms = 'no_pledge' | 'not_started' | 'ended' | 'pledge_unknown' | 'pledge_not_in_force';

/** What the intake asks of the registry's picture in memory. */
export interface Catalogue {
  source(source: string): Source | undefined;
  termsInForce(
    source: string,
    merchant: string,
    item: string,
    placedMs: number,
    named?: string,
  ): Terms | { reason: NoTerms };
  termsAt(bookId: number, index: number): Terms | undefined;
}

/** A gift that exists, or will when the batch is durable. */
export interface GiftState {
  readonly index: number;
  readonly terms: Terms;
  readonly given: number;
  readonly price: number;
  readonly paid: number;
  /** HMAC-64, a binary string. */
  readonly material: string;
  /** Not read where they are the whole gift to the one recipient, and it is not being returned. */
  readonly moves: readonly Move[];
  /** Sums of its returns so far. */
  returnedPaid: number;
  returned: number;
  /** Null when its buyer was erased. */
  readonly opening: { readonly person: string | null; readonly secret: string } | null;
}

/** A gift as its answer tells it. */
export interface GiftOutcome {
  readonly outcome: 'created' | 'duplicate';
  readonly index: number;
  readonly terms: Terms;
  readonly given: number;
  /** Its moves; null where the terms have one recipient. */
  readonly parts: readonly Move[] | null;
}

/** What became of an event. A refusal still speaks both languages; the route picks one. */
export type Outcome =
  | GiftOutcome
  | (ReturnMade & { outcome: 'created' | 'duplicate' })
  | { outcome: 'created' | 'duplicate'; waiting: true }
  | { outcome: 'ignored'; reason: IgnoredReason }
  /** Nothing was recorded: the lost window of a rescue is open, and this was not found in it. */
  | { outcome: 'waits' }
  | { outcome: 'refused'; refusal: Refusal };

/** Public id of the recipient whose pledge account this is. */
export function recipientOf({ terms }: { readonly terms: Terms }, account: number): string {
  const recipient = terms.recipients.find((candidate) => candidate.account === account);
  if (recipient === undefined) throw new TypeError(`account ${account} is not of terms ${terms.index}`);
  return recipient.publicId;
}

export function refused(refusal: Refusal): Outcome {
  return { outcome: 'refused', refusal };
}
