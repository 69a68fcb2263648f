/** A book's intake: reads for a batch of events what is already known of them, and holds what is needed again and again. */
import type { ClientBase, Pool } from 'pg';
import type { KeyedHash } from '#base/bytes/keyed-hash';
import type { Ledger } from '#books/ledger';
import type { Batch, BookRow, Family, Work } from '#books/log';
import { Lost } from '../lost/lost.ts';
import { matchEvents } from '../lost/match-events.ts';
import { RunningTotals } from '../totals/running-totals.ts';
import type { GiftCodes } from './answer/gift-code.ts';
import { BatchRows } from './batch-rows.ts';
import { Known } from './known.ts';
import type { Draft } from './lines/draft.ts';
import { People } from './people.ts';
import { SeenKeys } from './seen-keys.ts';
import type { Catalogue, Outcome, Terms } from './state.ts';
import * as store from './store.ts';
import { takeEvent } from './take-event.ts';

/** Returns that wait for their order, over the whole book. */
const maxWaiting = 1_000_000;

export class Intake implements Family {
  readonly name = 'giving.intake';
  readonly book: BookRow;
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly hash: KeyedHash;
  readonly codes: GiftCodes;
  readonly totals = new RunningTotals();
  readonly lost: Lost;
  readonly seen: SeenKeys;
  /** What was read for the batch that is built now. */
  #known: Known;
  /** The batch before, when it was not yet durable as `#known` was read: what it changed wins over what was read. */
  #recent: BatchRows | null = null;
  /** The last batch, until it is durable. */
  #flying: BatchRows | null = null;
  readonly people = new People((source, buyer) => this.personOf(source, buyer));
  /** By return key: all returns that wait. */
  readonly #waiting = new Map<string, { readonly lineKey: string; readonly material: string }>();
  readonly #waitingLines = new Map<string, number>();
  /** Versions whose accounts are in memory. */
  readonly ready = new Set<Terms>();

  constructor(pool: Pool, book: BookRow, ledger: Ledger, catalogue: Catalogue, hash: KeyedHash, codes: GiftCodes) {
    this.seen = new SeenKeys(pool, book.bookId);
    this.book = book;
    this.ledger = ledger;
    this.catalogue = catalogue;
    this.hash = hash;
    this.codes = codes;
    this.lost = new Lost(book.bookId);
    this.#known = new Known(this);
  }

  async load(read: ClientBase, alone: boolean): Promise<void> {
    if (!alone) this.seen.refill();
    this.#recent = null;
    this.#flying = null;
    this.people.clear();
    this.ready.clear();
    this.#waiting.clear();
    this.#waitingLines.clear();
    await this.totals.load(read, this.book.bookId);
    await this.lost.load(read, this.ledger, this.catalogue);
    for (const row of await store.readWaitingKeys(read, this.book.bookId)) this.#wait(row);
  }

  stop(): void {
    this.seen.stop();
  }

  /** Work that takes these events in. Its result has one line an event, same order. */
  work(drafts: readonly Draft[]): OrdersWork {
    return new OrdersWork(this, drafts);
  }

  async prepare(works: readonly Work[], read: ClientBase): Promise<() => void> {
    const recent = this.#flying;
    const known = new Known(this);
    await known.read(
      read,
      works.flatMap((work) => (work instanceof OrdersWork ? work.drafts : [])),
    );
    return () => {
      this.#known = known;
      this.#recent = recent;
    };
  }

  /** This batch's rows, made at first use. State in memory advances when the batch is built. */
  rows(batch: Batch): BatchRows {
    return batch.part(this, () => {
      const posting = this.ledger.posting(batch);
      const rows = new BatchRows(
        batch,
        { posting, totals: this.totals.change(), seen: this.seen },
        this.#known,
        this.#recent,
      );
      batch.built(() => this.#advance(rows));
      batch.committed(() => {
        if (this.#flying === rows) this.#flying = null;
      });
      return rows;
    });
  }

  /** How a buyer is named in private rows: HMAC-128, a binary string. */
  readonly personOf = (source: string, buyer: string): string => this.hash.digest128(`buyer\0${source}\0${buyer}`);

  forgetWaiting(keys: readonly string[]): void {
    for (const key of keys) this.#arrive(key);
  }

  get canWait(): boolean {
    return this.#waiting.size < maxWaiting;
  }

  /** Whether a return waits for the order line with this key. */
  isAwaited(lineKey: string): boolean {
    return this.#waitingLines.has(lineKey);
  }

  /** What may not differ when this return, which waits, is sent again; undefined when it does not wait. */
  waitingMaterial(key: string): string | undefined {
    return this.#waiting.get(key)?.material;
  }

  #advance(rows: BatchRows): void {
    this.#flying = rows;
    for (const [terms, given] of rows.given) terms.running.given = given;
    for (const [pledge, gross] of rows.gross) pledge.gross = gross;
    for (const key of rows.arrived) this.#arrive(key);
    for (const row of rows.waiting.values()) this.#wait(row);
    rows.totals.commit();
  }

  #wait({ key, lineKey, material }: { key: string; lineKey: string; material: string }): void {
    this.#waiting.set(key, { lineKey, material });
    this.#waitingLines.set(lineKey, (this.#waitingLines.get(lineKey) ?? 0) + 1);
  }

  #arrive(key: string): void {
    const lineKey = this.#waiting.get(key)?.lineKey;
    if (lineKey === undefined) return;
    this.#waiting.delete(key);
    const left = (this.#waitingLines.get(lineKey) ?? 1) - 1;
    if (left === 0) this.#waitingLines.delete(lineKey);
    else this.#waitingLines.set(lineKey, left);
  }
}

export class OrdersWork implements Work<Outcome[]> {
  readonly family: Intake;
  readonly drafts: readonly Draft[];
  readonly overlaps = true;

  constructor(intake: Intake, drafts: readonly Draft[]) {
    this.family = intake;
    this.drafts = drafts;
  }

  get size(): number {
    return this.drafts.length;
  }

  build(batch: Batch): Outcome[] {
    const rows = this.family.rows(batch);
    return this.family.lost.isOpen
      ? matchEvents(this.family, batch, rows, this.drafts)
      : this.drafts.map((draft) => takeEvent(this.family, batch, rows, draft));
  }
}
