/**
 * What one batch changes in the registry: laid over what is committed, so that later rows see earlier ones, written in the batch's transaction,
 * and shown to the catalogue after the commit.
 */
import { canonical, type Entry } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { newPublicId } from '#base/ids';
import type { Ledger, Posting } from '#books/ledger';
import type { Batch } from '#books/log';
import { floorToSecond } from '../pledge/moment.ts';
import { type Period, withPoint } from '../pledge/periods.ts';
import type { Pledge, Terms } from '../pledge/terms.ts';
import type { Catalogue } from './catalogue.ts';
import * as store from './store.ts';

/** What is committed of a batch's ids. */
export interface Known {
  readonly sources: ReadonlyMap<string, store.SourceRow>;
  readonly recipients: ReadonlyMap<string, store.RecipientRow>;
  readonly said: ReadonlyMap<string, unknown>;
  /** By `pair`, as all below. */
  readonly merchants: ReadonlyMap<string, store.MerchantRow>;
  readonly pledging: ReadonlySet<string>;
  readonly latest: ReadonlyMap<string, store.LatestRow>;
}

/** A source and one of its ids; ids hold no control characters. */
export function pair(source: string, id: string): string {
  return `${source}\0${id}`;
}

/** What a draft lies on. */
export interface Ground {
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly random: (size: number) => Uint8Array;
}

export class Draft {
  readonly #ground: Ground;
  /** Whole seconds: when what this batch says was accepted. */
  readonly acceptedMs: number;
  readonly #known: Known;
  readonly #batch: Batch;
  readonly #sources = new Map<string, store.SourceRow>();
  readonly #recipients = new Map<string, store.RecipientRow>();
  readonly #said = new Map<string, { recipient: string; said: unknown; index: number }>();
  readonly #merchants = new Map<string, store.MerchantRow>();
  readonly #pledges = new Map<string, Pledge>();
  readonly #latest = new Map<string, store.LatestRow>();
  readonly #latestTerms = new Map<Pledge, Terms>();
  readonly #terms: { readonly row: store.TermsRow; readonly terms: Terms }[] = [];
  readonly #periods = new Map<string, Period<Pledge>>();
  readonly #points = new Map<string, store.PointRow>();
  readonly #renewed = new Map<string, Pledge>();

  constructor(ground: Ground, known: Known, batch: Batch) {
    this.#ground = ground;
    this.#known = known;
    this.#batch = batch;
    this.acceptedMs = floorToSecond(batch.acceptedAt.getTime());
    batch.write((tx) => this.#flush(tx));
    batch.committed(() => this.#show());
  }

  get bookId(): number {
    return this.#batch.bookId;
  }

  newPublicId(): string {
    return newPublicId(this.#ground.random);
  }

  /** Appends an entry. Returns its index. */
  say(entry: Entry): number {
    return this.#batch.append(canonical(entry));
  }

  posting(): Posting {
    return this.#ground.ledger.posting(this.#batch);
  }

  source(source: string): store.SourceRow | undefined {
    return this.#sources.get(source) ?? this.#known.sources.get(source);
  }

  putSource(row: store.SourceRow): void {
    this.#sources.set(row.source, row);
  }

  recipient(recipient: string): store.RecipientRow | undefined {
    return this.#recipients.get(recipient) ?? this.#known.recipients.get(recipient);
  }

  putRecipient(row: store.RecipientRow): void {
    this.#recipients.set(row.recipient, row);
  }

  /** What this book's log says of a recipient; undefined when nothing. */
  said(recipient: string): unknown {
    return this.#said.get(recipient)?.said ?? this.#known.said.get(recipient);
  }

  putSaid(recipient: string, said: unknown, index: number): void {
    this.#said.set(recipient, { recipient, said, index });
  }

  merchant(source: string, merchant: string): store.MerchantRow | undefined {
    const key = pair(source, merchant);
    return this.#merchants.get(key) ?? this.#known.merchants.get(key);
  }

  putMerchant(row: store.MerchantRow): void {
    this.#merchants.set(pair(row.source, row.merchant), row);
  }

  hasPledges(source: string, merchant: string): boolean {
    if (this.#known.pledging.has(pair(source, merchant))) return true;
    return [...this.#pledges.values()].some((pledge) => pledge.source === source && pledge.merchant === merchant);
  }

  pledge(source: string, pledge: string): Pledge | undefined {
    return this.#pledges.get(pair(source, pledge)) ?? this.#ground.catalogue.pledge(source, pledge);
  }

  putPledge(pledge: Pledge): void {
    this.#pledges.set(pair(pledge.source, pledge.pledge), pledge);
  }

  /** The newest version of a pledge. */
  latest(source: string, pledge: string): store.LatestRow | undefined {
    const key = pair(source, pledge);
    return this.#latest.get(key) ?? this.#known.latest.get(key);
  }

  putTerms(pledge: Pledge, row: store.TermsRow, terms: Terms): void {
    this.#latest.set(pair(row.source, row.pledge), row);
    this.#latestTerms.set(pledge, terms);
    this.#terms.push({ row, terms });
  }

  /** The newest version, with those of this batch. */
  latestTerms(pledge: Pledge): Terms | undefined {
    return this.#latestTerms.get(pledge) ?? pledge.versions.at(-1);
  }

  periods(source: string, merchant: string, item: string): Period<Pledge> | null {
    return (
      this.#periods.get(`${pair(source, merchant)}\0${item}`) ?? this.#ground.catalogue.periods(source, merchant, item)
    );
  }

  putPoint(source: string, merchant: string, item: string, fromMs: number, pledge: Pledge | null): void {
    const key = `${pair(source, merchant)}\0${item}`;
    this.#periods.set(key, withPoint(this.periods(source, merchant, item), fromMs, pledge));
    this.#points.set(`${key}\0${fromMs}`, { source, merchant, item, fromMs, pledge: pledge?.pledge ?? null });
  }

  /** The pledge's dates have changed: its items come again in the feed. */
  renewFeed(pledge: Pledge): void {
    this.#renewed.set(pair(pledge.source, pledge.pledge), pledge);
  }

  async #flush(tx: ClientBase): Promise<void> {
    const pledges = [...this.#pledges.values()].map(({ source, pledge, merchant, publicId }) => {
      return { source, pledge, bookId: this.bookId, merchant, publicId };
    });
    const renewed = [...this.#renewed.values()];
    for (const row of this.#sources.values())
      await (this.#known.sources.has(row.source) ? store.updateSource(tx, row) : store.insertSource(tx, row));
    await store.upsertRecipients(tx, [...this.#recipients.values()]);
    await store.upsertSaid(tx, this.bookId, [...this.#said.values()]);
    await store.upsertMerchants(tx, [...this.#merchants.values()]);
    await store.insertPledges(tx, pledges);
    await store.insertTerms(
      tx,
      this.#terms.map(({ row }) => row),
    );
    await store.renewFeed(
      tx,
      renewed.map(({ source }) => source),
      renewed.map(({ pledge }) => pledge),
    );
    await store.upsertPoints(tx, [...this.#points.values()]);
  }

  #show(): void {
    const { catalogue } = this.#ground;
    for (const row of this.#sources.values()) catalogue.putSource(row);
    for (const pledge of this.#pledges.values()) catalogue.putPledge(pledge);
    for (const { terms } of this.#terms) catalogue.putTerms(terms);
    for (const { source, merchant, item, fromMs, pledge } of this.#points.values())
      catalogue.putItem(source, merchant, item, fromMs, pledge);
  }
}
