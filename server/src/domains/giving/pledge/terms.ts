/** A pledge's versions and which of them governs at a time. Pure. */
import type { BasePart, GivingTerms, Rule } from '@rivulet/verifier';

/** Whom a version gives to, in the order that ties go by. */
export interface Share {
  readonly publicId: string;
  /** The merchant's pledge account for this recipient. */
  readonly account: number;
  readonly weight: number;
}

/** One version of a pledge. Amounts are safe integers in minor units, times are milliseconds at whole seconds. */
export interface Terms {
  /** Of its `giving.terms` entry. */
  readonly index: number;
  readonly bookId: number;
  readonly source: string;
  readonly pledge: string;
  readonly version: number;
  readonly publicId: string;
  /** The source's own id of the merchant. */
  readonly merchant: string;
  readonly merchantPublicId: string;
  readonly asset: string;
  readonly base: readonly BasePart[];
  readonly rule: Rule;
  readonly recipients: readonly Share[];
  /** The merchant's source account. */
  readonly fromAccount: number;
  readonly startsMs: number;
  /** Exclusive. */
  readonly endsMs: number | null;
  /** From `startsMs` on there is no pledge. */
  readonly ended: boolean;
  /** Of everything given under the pledge, gross, over its versions. */
  readonly cap: number | null;
  readonly imported: boolean;
  /** Given under this version so far. Whoever makes gifts moves it forward, after the commit. */
  readonly running: { given: number };
  /** Given under the pledge so far, gross; one object for all its versions. */
  readonly pledgeRunning: { gross: number };
}

export interface Pledge {
  readonly source: string;
  readonly pledge: string;
  readonly publicId: string;
  readonly merchant: string;
  readonly running: { gross: number };
  /** By version, from 1. */
  versions: readonly Terms[];
}

/** A version's accounts, as found in or opened in the ledger. */
export interface Parties {
  readonly fromAccount: number;
  readonly shares: readonly Share[];
}

/** A version as the catalogue keeps it, from its entry. @param given under this version so far */
export function termsOf(
  bookId: number,
  index: number,
  pledge: Pledge,
  entry: GivingTerms,
  { fromAccount, shares }: Parties,
  given = 0,
): Terms {
  return {
    index,
    bookId,
    source: pledge.source,
    pledge: pledge.pledge,
    version: entry.version,
    publicId: pledge.publicId,
    merchant: pledge.merchant,
    merchantPublicId: entry.merchant,
    asset: entry.asset,
    base: entry.base,
    rule: entry.rule,
    recipients: shares,
    fromAccount,
    startsMs: Date.parse(entry.from),
    endsMs: entry.until === undefined ? null : Date.parse(entry.until),
    ended: entry.ended ?? false,
    cap: entry.cap ?? null,
    imported: entry.imported ?? false,
    running: { given },
    pledgeRunning: pledge.running,
  };
}

/** How long after it ended or changed a version may still govern an order that names it: the page was open, the payment took a while. Our default. */
export const seenWithinMs = 24 * 60 * 60 * 1000;

/** The version in force at `ms`: the highest that has started, whatever the order in which starts lie. Undefined before the first. */
export function versionAt(versions: readonly Terms[], ms: number): Terms | undefined {
  for (let i = versions.length - 1; i >= 0; i--) {
    const terms = versions[i] as Terms;
    if (terms.startsMs <= ms) return terms;
  }
  return undefined;
}

export function hasEnded(terms: Terms, ms: number): boolean {
  return terms.ended || (terms.endsMs !== null && terms.endsMs <= ms);
}

/** When `terms` stops to govern: its own end, or the start of a later version. Infinity when neither is known. */
export function governsUntil(versions: readonly Terms[], terms: Terms): number {
  let until = terms.endsMs ?? Number.POSITIVE_INFINITY;
  for (let i = terms.version; i < versions.length; i++) until = Math.min(until, (versions[i] as Terms).startsMs);
  return until;
}

/**
 * The version that an order placed at `placedMs` may name: it had started, and was in force at some time within `seenWithinMs` before.
 * @param version null: the pledge alone was named; then the one last in force
 */
export function versionSeen(versions: readonly Terms[], version: number | null, placedMs: number): Terms | undefined {
  const since = placedMs - seenWithinMs;
  let last: Terms | undefined;
  for (const terms of versions) {
    if (version !== null && terms.version !== version) continue;
    const until = governsUntil(versions, terms);
    if (terms.ended || terms.startsMs > placedMs || until <= since || until <= terms.startsMs) continue;
    if (last === undefined || until >= governsUntil(versions, last)) last = terms;
  }
  return last;
}

/** `p-1@3` as pledge and version, `p-1` as pledge and null. Ids of pledges hold no `@`. */
export function readNamed(named: string): { pledge: string; version: number | null } | null {
  const at = named.lastIndexOf('@');
  if (at < 0) return { pledge: named, version: null };
  const version = named.slice(at + 1);
  return /^[1-9]\d{0,8}$/.test(version) ? { pledge: named.slice(0, at), version: Number(version) } : null;
}
