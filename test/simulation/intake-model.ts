/** What intake should answer to each event, and what every total and every day should come to. One event after the other, in memory, in bigint. */
import type { OrderEvent } from '@rivulet/client/contract';
import { amountOf, keptOf, priceOf, Turns } from './amounts.ts';
import type { PledgeBook, Version } from './pledge-model.ts';

type Completed = Extract<OrderEvent, { type: 'order.completed' }>;
type Returned = Extract<OrderEvent, { type: 'order.returned' }>;

export interface GiftModel {
  readonly event: Completed;
  readonly version: Version;
  readonly given: bigint;
  readonly price: bigint;
  readonly parts: readonly { readonly recipient: string; readonly amount: bigint }[];
  /** Whose turn it is to give back. */
  readonly turns: Turns;
  back: bigint;
  returned: bigint;
  /** False once its buyer was forgotten. */
  opens: boolean;
}

interface Total {
  given: bigint;
  returned: bigint;
  gifts: bigint;
}

export interface SourceModel {
  readonly source: string;
  readonly zone: string;
  readonly pledges: PledgeBook;
}

const expiresMs = 180 * 86_400_000;

/** One book. */
export class IntakeModel {
  readonly gifts = new Map<string, GiftModel>();
  readonly totals = new Map<string, Total>();
  /** By recipient and currency. */
  readonly recipientTotals = new Map<string, Total>();
  /** By source, day, outcome, reason, currency. */
  readonly days = new Map<string, { lines: number; minor: bigint }>();
  readonly #sources: ReadonlyMap<string, SourceModel>;
  readonly #noGifts = new Map<string, { outcome: 'ignored' | 'refused'; reason: string; day: string }>();
  readonly #returns = new Map<string, { event: Returned; returned: bigint }>();
  readonly #waiting = new Map<string, { event: Returned; arrivedMs: number }>();
  /** Seals that can be opened, by buyer. */
  readonly #buyers = new Map<string, number>();

  constructor(sources: ReadonlyMap<string, SourceModel>) {
    this.#sources = sources;
  }

  /** The answer, in few words. */
  take(event: OrderEvent, nowMs: number): string {
    return event.type === 'order.completed' ? this.#order(event) : this.#return(event, nowMs);
  }

  /** @returns how many seals can no longer be opened; null for a buyer who is not known */
  erase(source: string, buyer: string): number | null {
    const opened = this.#buyers.get(`${source} ${buyer}`) ?? null;
    this.#buyers.delete(`${source} ${buyer}`);
    for (const gift of this.gifts.values())
      if (gift.event.source === source && gift.event.buyer === buyer) gift.opens = false;
    return opened;
  }

  dropExpired(nowMs: number): number {
    const expired = [...this.#waiting].filter(([, { arrivedMs }]) => arrivedMs < nowMs - expiresMs);
    for (const [key] of expired) this.#waiting.delete(key);
    return expired.length;
  }

  #order(event: Completed): string {
    const key = `${event.source} ${event.order} ${event.line}`;
    const day = this.#dayOf(event.source, event.completedAt);
    const gift = this.gifts.get(key);
    if (event.shipping + event.tax > event.paid) {
      if (gift === undefined) this.#countNoGift(event.source, key, day, 'refused', 'shipping_and_tax_exceed_paid');
      return 'refused shipping_and_tax_exceed_paid';
    }
    if (gift !== undefined) {
      if (materialOf(gift.event) !== materialOf(event)) return 'refused order_line_differs';
      this.#count(event.source, day, 'duplicate');
      return `duplicate ${describe(gift)}`;
    }
    const made = this.#decide(event);
    if (typeof made === 'string') {
      const [outcome = '', reason = ''] = made.split(' ');
      this.#countNoGift(event.source, key, day, outcome as 'ignored', reason);
      if (outcome === 'ignored')
        for (const [of, { event: waiting }] of this.#waiting) if (lineOf(waiting) === key) this.#waiting.delete(of);
      return made;
    }
    this.#make(key, day, made);
    return `created ${describe(made)}`;
  }

  #decide(event: Completed): GiftModel | string {
    const { source, merchant, item, pledge, currency, paid, quantity } = event;
    const version = (this.#sources.get(source) as SourceModel).pledges.termsFor(
      merchant,
      item,
      Date.parse(event.placedAt),
      pledge,
    );
    if (version === 'pledge_unknown' || version === 'pledge_not_in_force') return `refused ${version}`;
    if (typeof version === 'string') return `ignored ${version}`;
    if (version.pledge.currency !== currency) return 'refused currency_not_taken';
    const price = priceOf(event, version.base);
    let given = amountOf(version.rule, price, quantity);
    if (given === 0n) return 'ignored rounds_to_zero';
    if (version.cap !== null && version.pledge.gross + given > version.cap) given = version.cap - version.pledge.gross;
    if (given <= 0n) return 'ignored cap_reached';
    version.pledge.gross += given;
    const parts = version.turns
      .give(given)
      .map((amount, i) => ({ recipient: version.recipients[i] as string, amount }))
      .filter(({ amount }) => amount > 0n);
    const turns = new Turns(parts.map(({ amount }) => Number(amount)));
    return { event: { ...event, paid }, version, given, price, parts, turns, back: 0n, returned: 0n, opens: true };
  }

  #make(key: string, day: string, gift: GiftModel): void {
    const { event, given, parts } = gift;
    const { source, currency, buyer } = event;
    this.gifts.set(key, gift);
    this.#forgetNoGift(source, key);
    this.#count(source, day, 'created', '', currency, given);
    const total = totalAt(this.totals, currency);
    total.given += given;
    total.gifts += 1n;
    for (const { recipient, amount } of parts) {
      const own = totalAt(this.recipientTotals, `${recipient} ${currency}`);
      own.given += amount;
      own.gifts += 1n;
    }
    if (buyer !== undefined) this.#opened(`${source} ${buyer}`);
    for (const [of, { event: waiting }] of this.#waiting) {
      if (lineOf(waiting) !== key) continue;
      this.#waiting.delete(of);
      this.#lower(of, waiting, gift);
    }
  }

  #return(event: Returned, nowMs: number): string {
    const key = `${event.return} ${lineOf(event)}`;
    const gift = this.gifts.get(lineOf(event));
    const before = this.#returns.get(key);
    if (before !== undefined && gift !== undefined) {
      if (before.event.merchant !== event.merchant || before.event.paid !== event.paid) return 'refused return_differs';
      this.#count(event.source, this.#dayOf(event.source, event.returnedAt), 'duplicate');
      return `duplicate -${before.returned} keeps ${gift.given - gift.returned}`;
    }
    if (gift !== undefined) return this.#lower(key, event, gift);
    if (this.#noGifts.get(lineOf(event))?.outcome === 'ignored') return 'ignored no_gift';
    const waits = this.#waiting.get(key)?.event;
    if (waits !== undefined)
      return waits.paid === event.paid && waits.merchant === event.merchant
        ? 'duplicate waiting'
        : 'refused return_differs';
    this.#waiting.set(key, { event, arrivedMs: nowMs });
    return 'created waiting';
  }

  #lower(key: string, event: Returned, gift: GiftModel): string {
    const day = this.#dayOf(event.source, event.returnedAt);
    const { currency, paid, merchant, source, buyer } = gift.event;
    const refused =
      merchant !== event.merchant
        ? 'merchant_differs'
        : gift.back + BigInt(event.paid) > BigInt(paid)
          ? 'return_exceeds_paid'
          : '';
    if (refused !== '') {
      this.#count(event.source, day, 'refused', refused);
      return `refused ${refused}`;
    }
    gift.back += BigInt(event.paid);
    const returned = gift.given - gift.returned - keptOf(gift.given, gift.price, BigInt(paid), gift.back);
    gift.returned += returned;
    this.#returns.set(key, { event, returned });
    this.#count(source, day, 'returned', '', currency, returned);
    totalAt(this.totals, currency).returned += returned;
    gift.turns.give(returned).forEach((amount, i) => {
      totalAt(this.recipientTotals, `${gift.parts[i]?.recipient} ${currency}`).returned += amount;
    });
    if (returned > 0n && buyer !== undefined && gift.opens) this.#opened(`${source} ${buyer}`);
    return `created -${returned} keeps ${gift.given - gift.returned}`;
  }

  #opened(buyer: string): void {
    this.#buyers.set(buyer, (this.#buyers.get(buyer) ?? 0) + 1);
  }

  #dayOf(source: string, time: string): string {
    const timeZone = this.#sources.get(source)?.zone as string;
    return new Date(time).toLocaleDateString('en-CA', { timeZone });
  }

  /** A line without a gift counts once, as what it was last. */
  #countNoGift(source: string, key: string, day: string, outcome: 'ignored' | 'refused', reason: string): void {
    this.#forgetNoGift(source, key);
    this.#noGifts.set(key, { outcome, reason, day });
    this.#count(source, day, outcome, reason);
  }

  #forgetNoGift(source: string, key: string): void {
    const before = this.#noGifts.get(key);
    if (before === undefined) return;
    this.#noGifts.delete(key);
    this.#count(source, before.day, before.outcome, before.reason, '', 0n, -1);
  }

  #count(source: string, day: string, outcome: string, reason = '', currency = '', minor = 0n, lines = 1): void {
    const name = `${source} ${day} ${outcome} ${reason} ${currency}`;
    const count = this.days.get(name) ?? { lines: 0, minor: 0n };
    this.days.set(name, { lines: count.lines + lines, minor: count.minor + minor });
  }
}

function lineOf({ source, order, line }: Returned): string {
  return `${source} ${order} ${line}`;
}

function materialOf({ merchant, item, quantity, paid, shipping, currency, placedAt }: Completed): string {
  return [merchant, item, quantity, paid, shipping, currency, Date.parse(placedAt)].join();
}

function describe({ given, parts, event }: GiftModel): string {
  return `${given} ${event.currency} to ${parts.map(({ recipient, amount }) => `${recipient}: ${amount}`).join(', ')}`;
}

function totalAt(totals: Map<string, Total>, name: string): Total {
  const total = totals.get(name) ?? { given: 0n, returned: 0n, gifts: 0n };
  totals.set(name, total);
  return total;
}
