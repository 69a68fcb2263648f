/** A batch's rows of the giving schema, collected while it is built and written in its transaction. */
import { BinaryRows } from '#base/bytes/binary-rows';
import type { Move, Posting } from '#books/ledger';
import type { Batch } from '#books/log';
import { DayCounts } from '../days/day-counts.ts';
import { OpeningColumns } from '../openings/opening-run.ts';
import { targets as openingTargets } from '../openings/store.ts';
import type { TotalsChange } from '../totals/running-totals.ts';
import { GiftColumns } from './gift-columns.ts';
import type { Known } from './known.ts';
import type { SeenKeys } from './seen-keys.ts';
import type { GiftState, Terms } from './state.ts';
import * as store from './store.ts';

/** A line that made no gift, and why. */
export interface NoGift {
  readonly key: string;
  readonly outcome: 'ignored' | 'refused';
  readonly reason: string;
  readonly date: string;
}

export class BatchRows {
  readonly days = new DayCounts();
  readonly totals: TotalsChange;
  /** By line key: gifts that this batch lowered. */
  readonly lowered = new Map<string, GiftState>();
  /** By return key: returns of this batch. */
  readonly returns = new Map<string, store.ReturnRow>();
  /** Buyers seen for the first time: HMAC to secret. */
  readonly #persons = new Map<string, string>();
  readonly noGifts = new Map<string, NoGift | null>();
  /** Of these, the lines that no row was ever written of: they are copied, the others looked for. */
  readonly #newNoGifts = new Set<string>();
  readonly waiting = new Map<string, store.NewWaitingReturn>();
  readonly arrived = new Set<string>();
  readonly #waitingByLine = new Map<string, store.WaitingReturnRow[]>();
  readonly given = new Map<Terms, number>();
  readonly gross = new Map<{ gross: number }, number>();
  readonly #known: Known;
  readonly #recent: BatchRows | null;
  readonly #bookId: number;
  readonly #made = new GiftColumns();
  readonly #openings = new OpeningColumns();
  readonly posting: Posting;
  readonly #movesOf = (index: number): readonly Move[] => this.posting.movesOf(index);
  readonly #seen: SeenKeys;
  readonly #returnRows = new BinaryRows(256);

  /** @param recent the batch before, when it was not yet durable as `known` was read: its changes win */
  constructor(
    batch: Batch,
    { posting, totals, seen }: { posting: Posting; totals: TotalsChange; seen: SeenKeys },
    known: Known,
    recent: BatchRows | null,
  ) {
    this.posting = posting;
    this.#seen = seen;
    this.#known = known;
    this.#recent = recent;
    this.#bookId = batch.bookId;
    this.totals = totals;
    const { bookId, first } = batch;
    batch.copy(store.targets.giftKeys, () => this.#made.keys(bookId));
    batch.copy(store.targets.gifts, () => this.#made.packed(bookId, first));
    batch.copy(openingTargets.openings, () => this.#openings.packed(bookId, first));
    batch.copy(openingTargets.persons, () => this.#personRows());
    batch.copy(store.targets.noGifts, () => this.#newNoGiftRows());
    batch.copy(store.targets.returns, () => this.#returnRows);
    totals.write(batch);
    batch.statement(() => this.#noGiftRows());
    batch.statement(() => store.deleteWaitingReturns(bookId, [...this.arrived]));
    batch.statement(() => store.insertWaitingReturns(bookId, [...this.waiting.values()], batch.acceptedAt));
    batch.statement(() => this.days.statement(bookId, batch.acceptedAt));
  }

  /** Whether nothing was ever known of this line, nor of any like it; most lines are so. */
  isNew(key: string): boolean {
    return !this.#seen.has(key);
  }

  /** The gift of an order line, as it stands after everything before. */
  giftAt(key: string): GiftState | undefined {
    return this.ownGift(key) ?? this.#recent?.ownGift(key) ?? this.#known.gifts.get(key);
  }

  private ownGift(key: string): GiftState | undefined {
    return this.lowered.get(key) ?? this.#made.get(key, this.#movesOf);
  }

  returnAt(key: string): store.ReturnRow | undefined {
    return this.returns.get(key) ?? this.#recent?.returns.get(key) ?? this.#known.returns.get(key);
  }

  /** Why a line made no gift, null or undefined when nothing is known of it. */
  noGiftAt(key: string): NoGift | null | undefined {
    if (this.noGifts.has(key)) return this.noGifts.get(key);
    if (this.#recent?.noGifts.has(key)) return this.#recent.noGifts.get(key);
    const row = this.#known.noGifts.get(key);
    return row && { ...row, key };
  }

  /** Returns that wait for the order line with this key, in the order in which they came; each once, wherever it was read. */
  waitingFor(lineKey: string): readonly store.WaitingReturnRow[] {
    const recent = this.#recent;
    const none = this.#waitingByLine.size === 0 && this.#known.waiting.size === 0;
    if (none && !recent?.hasWaiting) return [];
    const known = (this.#known.waiting.get(lineKey) ?? []).filter(({ key }) => !recent?.arrived.has(key));
    const before = [...known, ...(recent?.waitingOf(lineKey) ?? [])].filter(({ key }) => !this.arrived.has(key));
    return [...new Map([...before, ...this.waitingOf(lineKey)].map((row) => [row.key, row])).values()];
  }

  /** A gift made now, or found again after a rescue. Its moves are the ledger's. */
  gift(key: string, gift: Omit<GiftState, 'moves'>): void {
    this.#made.add(key, gift);
    this.#seen.add(key);
  }

  /** @param person HMAC of the buyer, or null with a secret of the gift's own */
  opening(index: number, person: string | null, secret: string, text: Uint8Array): void {
    this.#openings.add(index, person, person === null ? secret : '', text);
  }

  /** A buyer whose first gift this is. @param id HMAC-128 */
  person(id: string, secret: string): void {
    this.#persons.set(id, secret);
    this.#seen.add(id);
  }

  /** Null: the line made a gift after all. */
  noGift(key: string, row: NoGift | null): void {
    if (!this.noGifts.has(key) && this.isNew(key)) this.#newNoGifts.add(key);
    this.noGifts.set(key, row);
    this.#seen.add(key);
  }

  taken(key: string, row: store.ReturnRow, paid: number): void {
    this.returns.set(key, row);
    const rows = this.#returnRows;
    rows.row(7);
    rows.int4(this.#bookId);
    rows.binary(key);
    rows.int8(row.gift);
    if (row.index === null) rows.null();
    else rows.int8(row.index);
    rows.int8(paid);
    rows.int8(row.returned);
    rows.binary(row.material);
  }

  wait(row: store.NewWaitingReturn): void {
    this.waiting.set(row.key, row);
    const others = this.#waitingByLine.get(row.lineKey);
    if (others === undefined) this.#waitingByLine.set(row.lineKey, [row]);
    else others.push(row);
  }

  private get hasWaiting(): boolean {
    return this.#waitingByLine.size > 0;
  }

  /** Of this batch, those that still wait. */
  private waitingOf(lineKey: string): readonly store.WaitingReturnRow[] {
    return (this.#waitingByLine.get(lineKey) ?? []).filter(({ key }) => this.waiting.has(key));
  }

  #personRows(): BinaryRows {
    const rows = new BinaryRows(256);
    for (const [person, secret] of this.#persons) {
      rows.row(3);
      rows.int4(this.#bookId);
      rows.binary(person);
      rows.text(secret);
    }
    return rows;
  }

  #newNoGiftRows(): BinaryRows {
    const rows = new BinaryRows(256);
    for (const key of this.#newNoGifts) {
      const row = this.noGifts.get(key);
      if (!row) continue;
      rows.row(5);
      rows.int4(this.#bookId);
      rows.binary(key);
      rows.text(row.outcome);
      rows.text(row.reason);
      rows.date(row.date);
    }
    return rows;
  }

  /** Of lines without a gift that were known before: those that were told, and those that made one after all. */
  #noGiftRows(): string | null {
    const known = [...this.noGifts].filter(([key]) => !this.#newNoGifts.has(key));
    const told = known.flatMap(([, row]) => row ?? []);
    const gone = known.filter(([, row]) => row === null).map(([key]) => key);
    const statements = [store.upsertNoGifts(this.#bookId, told), store.deleteNoGifts(this.#bookId, gone)];
    return statements.filter((statement) => statement !== null).join(';\n') || null;
  }
}
