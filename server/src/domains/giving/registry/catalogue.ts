/**
 * The registry's picture in memory, which the hot path asks instead of the database: sources, pledges with their versions, items. Shared by
 * all books of the process; it changes only after a commit, and each book's part is read again when its writer starts over. An item costs
 * some 100 bytes: items of one merchant that carry the same pledge since the same time share one period.
 */
import { ZoneDays } from '#base/zone-days';
import type { Period } from '../pledge/periods.ts';
import { carriedWithin, everCarried, periodAt, withPoint } from '../pledge/periods.ts';
import { hasEnded, type Pledge, readNamed, seenWithinMs, type Terms, versionAt, versionSeen } from '../pledge/terms.ts';

/** A source as its last PUT left it. */
export interface SourceFacts {
  readonly source: string;
  readonly bookId: number;
  readonly zone: string;
  readonly currencies: readonly string[];
}

export interface Source extends SourceFacts {
  /** `2026-11-18`: the day of an instant in the source's zone. */
  dayOf(ms: number): string;
}

export type NoTerms = 'no_pledge' | 'not_started' | 'ended' | 'pledge_unknown' | 'pledge_not_in_force';

interface Held {
  source: Source;
  readonly pledges: Map<string, Pledge>;
  /** By merchant, by item. */
  readonly items: Map<string, Map<string, Period<Pledge>>>;
}

export class Catalogue {
  #sources = new Map<string, Held>();
  readonly #terms = new Map<number, Map<number, Terms>>();
  readonly #shared = new WeakMap<Pledge, Period<Pledge>>();

  source(source: string): Source | undefined {
    return this.#sources.get(source)?.source;
  }

  pledge(source: string, pledge: string): Pledge | undefined {
    return this.#sources.get(source)?.pledges.get(pledge);
  }

  /** What the item carries and carried, newest first; null when nothing was ever said of it. */
  periods(source: string, merchant: string, item: string): Period<Pledge> | null {
    return this.#sources.get(source)?.items.get(merchant)?.get(item) ?? null;
  }

  termsAt(bookId: number, index: number): Terms | undefined {
    return this.#terms.get(bookId)?.get(index);
  }

  /**
   * The terms that govern an order line, or why there are none.
   * @param named the version that the buyer saw: `<pledge>@<version>`, or `<pledge>` for its version in force then. It governs when it is of
   * this merchant and item, had started, and was in force within 24 hours before the order was placed (our default)
   */
  termsInForce(
    source: string,
    merchant: string,
    item: string,
    placedMs: number,
    named?: string,
  ): Terms | { readonly reason: NoTerms } {
    const periods = this.periods(source, merchant, item);
    if (named !== undefined) return this.#termsNamed(source, merchant, periods, placedMs, named);
    if (periods === null) return none.no_pledge;
    const period = periodAt(periods, placedMs);
    if (period === null) return none.not_started;
    if (period.pledge === null) return none.ended;
    const terms = versionAt(period.pledge.versions, placedMs);
    if (terms === undefined) return none.not_started;
    return hasEnded(terms, placedMs) ? none.ended : terms;
  }

  #termsNamed(
    source: string,
    merchant: string,
    periods: Period<Pledge> | null,
    placedMs: number,
    named: string,
  ): Terms | { readonly reason: NoTerms } {
    const name = readNamed(named);
    const pledge = name === null ? undefined : this.pledge(source, name.pledge);
    if (name === null || pledge === undefined || pledge.merchant !== merchant) return none.pledge_unknown;
    if (name.version !== null && name.version > pledge.versions.length) return none.pledge_unknown;
    if (!everCarried(periods, pledge)) return none.pledge_unknown;
    if (!carriedWithin(periods, pledge, placedMs - seenWithinMs, placedMs)) return none.pledge_not_in_force;
    return versionSeen(pledge.versions, name.version, placedMs) ?? none.pledge_not_in_force;
  }

  // Changes, after the commit that made them durable.

  /** Takes over all of one book from a catalogue that was read aside, and sources of other books that are not known here yet. */
  adopt(bookId: number, fresh: Catalogue): void {
    for (const [id, held] of fresh.#sources)
      if (held.source.bookId === bookId || !this.#sources.has(id)) this.#sources.set(id, held);
    this.#terms.set(bookId, fresh.#terms.get(bookId) ?? new Map());
  }

  putSource(facts: SourceFacts): void {
    const { source, bookId, zone, currencies } = facts;
    const days = new ZoneDays(zone);
    const made = { source, bookId, zone, currencies, dayOf: (ms: number) => days.dayOf(ms) };
    const held = this.#sources.get(source);
    if (held === undefined) this.#sources.set(source, { source: made, pledges: new Map(), items: new Map() });
    else held.source = made;
  }

  putPledge(pledge: Pledge): void {
    this.#sources.get(pledge.source)?.pledges.set(pledge.pledge, pledge);
  }

  /** Adds the next version of its pledge. */
  putTerms(terms: Terms): void {
    const pledge = this.pledge(terms.source, terms.pledge);
    if (pledge === undefined) return;
    pledge.versions = [...pledge.versions, terms];
    const ofBook = this.#terms.get(terms.bookId) ?? new Map<number, Terms>();
    this.#terms.set(terms.bookId, ofBook.set(terms.index, terms));
  }

  /** The item carries `pledge` from `fromMs` on; null: none. */
  putItem(source: string, merchant: string, item: string, fromMs: number, pledge: string | null): void {
    const held = this.#sources.get(source);
    if (held === undefined) return;
    const items = held.items.get(merchant) ?? new Map<string, Period<Pledge>>();
    held.items.set(merchant, items);
    const carried = pledge === null ? null : (held.pledges.get(pledge) ?? null);
    const periods = items.get(item) ?? null;
    items.set(item, periods === null && carried ? this.#first(carried, fromMs) : withPoint(periods, fromMs, carried));
  }

  #first(pledge: Pledge, fromMs: number): Period<Pledge> {
    let period = this.#shared.get(pledge);
    if (period?.fromMs !== fromMs) {
      period = { fromMs, pledge, before: null };
      this.#shared.set(pledge, period);
    }
    return period;
  }
}

const none = {
  no_pledge: { reason: 'no_pledge' },
  not_started: { reason: 'not_started' },
  ended: { reason: 'ended' },
  pledge_unknown: { reason: 'pledge_unknown' },
  pledge_not_in_force: { reason: 'pledge_not_in_force' },
} as const satisfies Record<NoTerms, { reason: NoTerms }>;
