/** A batch's rows of the giving schema, collected while it is built and written in its transaction. */
import type { ClientBase } from 'pg';
import { BinaryRows } from '#base/binary-rows';
import type { Batch } from '#books/log';
import { DayCounts } from '../days/day-counts.ts';
import type { TotalsChange } from '../totals/running-totals.ts';
import type { Decision } from './decide.ts';
import type { CompletedDraft } from './draft.ts';
import type { Known } from './known.ts';
import type { GiftState, Terms } from './state.ts';
import * as store from './store.ts';

export class BatchRows {
  readonly days = new DayCounts();
  readonly totals: TotalsChange;
  /** By line key: gifts that this batch made or lowered. */
  readonly gifts = new Map<string, GiftState>();
  /** By return key: returns of this batch. */
  readonly returns = new Map<string, store.ReturnRow>();
  /** Buyers seen for the first time: HMAC to secret. */
  readonly persons = new Map<string, string>();
  readonly noGifts = new Map<
    string,
    { key: string; outcome: 'ignored' | 'refused'; reason: string; date: string } | null
  >();
  readonly waiting = new Map<string, store.NewWaitingReturn>();
  readonly arrived = new Set<string>();
  readonly #waitingByLine = new Map<string, store.WaitingReturnRow[]>();
  readonly given = new Map<Terms, number>();
  readonly gross = new Map<{ gross: number }, number>();
  readonly #known: Known;
  readonly #recent: BatchRows | null;
  readonly #bookId: number;
  readonly #giftRows = new BinaryRows();
  readonly #openings = new BinaryRows();
  readonly #returnRows = new BinaryRows(256);

  /** @param recent the batch before, when it was not yet durable as `known` was read: its changes win */
  constructor(batch: Batch, totals: TotalsChange, known: Known, recent: BatchRows | null) {
    this.#known = known;
    this.#recent = recent;
    this.#bookId = batch.bookId;
    this.totals = totals;
    batch.write((tx) => this.#flush(tx, batch));
  }

  /** The gift of an order line, as it stands after everything before. */
  giftAt(key: string): GiftState | undefined {
    return this.gifts.get(key) ?? this.#recent?.gifts.get(key) ?? this.#known.gifts.get(key);
  }

  returnAt(key: string): store.ReturnRow | undefined {
    return this.returns.get(key) ?? this.#recent?.returns.get(key) ?? this.#known.returns.get(key);
  }

  /** Why a line made no gift, null or undefined when nothing is known of it. */
  noGiftAt(key: string): { outcome: 'ignored' | 'refused'; reason: string; date: string } | null | undefined {
    if (this.noGifts.has(key)) return this.noGifts.get(key);
    if (this.#recent?.noGifts.has(key)) return this.#recent.noGifts.get(key);
    return this.#known.noGifts.get(key);
  }

  decisionOn(draft: CompletedDraft): Decision | undefined {
    return this.#known.decisions.get(draft);
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

  gift(key: string, gift: GiftState): void {
    this.gifts.set(key, gift);
    const rows = this.#giftRows;
    rows.row(8);
    rows.int4(this.#bookId);
    rows.int8(gift.index);
    rows.int8(gift.terms.index);
    rows.int8(gift.given);
    rows.int8(gift.price);
    if (gift.paid === gift.price) rows.null();
    else rows.int8(gift.paid);
    rows.bigint(gift.material);
    rows.binary(key);
  }

  /** @param person HMAC of the buyer, or null with a secret of the gift's own */
  opening(index: number, person: string | null, secret: string, text: string): void {
    const rows = this.#openings;
    rows.row(5);
    rows.int4(this.#bookId);
    rows.int8(index);
    if (person === null) {
      rows.null();
      rows.text(secret);
    } else {
      rows.binary(person);
      rows.null();
    }
    rows.text(text);
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
    rows.bigint(row.material);
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

  async #flush(tx: ClientBase, batch: Batch): Promise<void> {
    const bookId = this.#bookId;
    const persons = new BinaryRows(256);
    for (const [person, secret] of this.persons) {
      persons.row(3);
      persons.int4(bookId);
      persons.binary(person);
      persons.text(secret);
    }
    await store.copyGifts(tx, this.#giftRows);
    await store.copyPersons(tx, persons);
    await store.copyOpenings(tx, this.#openings);
    await store.copyReturns(tx, this.#returnRows);
    const noGifts = [...this.noGifts];
    await store.upsertNoGifts(
      tx,
      bookId,
      noGifts.flatMap(([, row]) => row ?? []),
    );
    await store.deleteNoGifts(
      tx,
      bookId,
      noGifts.filter(([, row]) => row === null).map(([key]) => key),
    );
    await store.deleteWaitingReturns(tx, bookId, [...this.arrived]);
    await store.insertWaitingReturns(tx, bookId, [...this.waiting.values()], batch.acceptedAt);
    await this.days.flush(tx, bookId, batch.acceptedAt);
    await this.totals.flush(tx, bookId, batch.first + batch.size);
  }
}
