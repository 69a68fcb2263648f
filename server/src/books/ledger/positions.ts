/**
 * The rules of positions, pure. Committed totals lie below, a batch's own lie over them and replace them when the batch is durable.
 * Amounts and positions are safe integers, below 2^53.
 */
import { assert } from '#base/assert';

export interface Totals {
  in: number;
  out: number;
}

/** A transfer that was made, named by (index, part), with how much of it is declared returned. */
export interface Move {
  readonly index: number;
  readonly part: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly fromPos: number;
  readonly toPos: number;
  declared: number;
}

/** A reversal: units `unit` … `unit + amount - 1` of `from`'s in-positions leave it and go back to where `move` took them. */
export interface Back {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly fromPos: number;
  readonly toPos: number;
  readonly ofIndex: number;
  readonly ofPart: number;
  readonly unit: number;
}

/** A declared return that is not settled, or not whole. */
export interface Waiting {
  /** The declaration: entry and place in it. */
  readonly index: number;
  readonly part: number;
  readonly ofIndex: number;
  readonly ofPart: number;
  /** The account that holds the units, and the one they go back to. */
  readonly account: number;
  readonly backTo: number;
  /** Next unit to take. */
  unit: number;
  remaining: number;
}

export interface AccountRules {
  readonly asset: string;
  readonly isSource: boolean;
}

/** What positions.ts needs to know of the committed state. */
export interface Below {
  rules(account: number): AccountRules | undefined;
  totals(account: number): Totals | undefined;
  waiting(account: number): readonly Waiting[] | undefined;
}

export class Positions {
  readonly #below: Below;
  readonly #totals = new Map<number, Totals>();
  readonly #waiting = new Map<number, Waiting[]>();

  constructor(below: Below) {
    this.#below = below;
  }

  /** Accounts that this batch touched, with their totals after it. */
  get touched(): ReadonlyMap<number, Totals> {
    return this.#totals;
  }

  /** Queues that this batch touched. */
  get queues(): ReadonlyMap<number, readonly Waiting[]> {
    return this.#waiting;
  }

  /** What may leave an account: its balance, nothing while a declared return waits on it; unlimited for a source. */
  available(account: number): number {
    if (this.#queue(account).length > 0) return 0;
    if (this.#rules(account).isSource) return Number.MAX_SAFE_INTEGER;
    const { in: came, out } = this.#of(account);
    return came - out;
  }

  /** Moves units. The caller has checked `available`. */
  move(index: number, part: number, from: number, to: number, amount: number): Move {
    assert(amount > 0 && Number.isSafeInteger(amount), `a move of ${amount}`);
    assert(this.#rules(from).asset === this.#rules(to).asset, `accounts ${from} and ${to} differ in asset`);
    assert(amount <= this.available(from), `account ${from} has not ${amount} to give`);
    return { index, part, from, to, amount, ...this.#shift(from, to, amount), declared: 0 };
  }

  /** Declares `amount` more of a move returned. Settles nothing yet. */
  declare(index: number, part: number, move: Move, amount: number): Waiting {
    assert(amount > 0 && move.declared + amount <= move.amount, `declares ${amount} of ${move.index}.${move.part}`);
    move.declared += amount;
    const waiting = {
      index,
      part,
      ofIndex: move.index,
      ofPart: move.part,
      account: move.to,
      backTo: move.from,
      unit: move.toPos + move.amount - move.declared,
      remaining: amount,
    };
    this.#ownQueue(move.to).push(waiting);
    return waiting;
  }

  /** Settles what waits on an account, oldest first, as far as its balance goes. */
  settle(account: number): Back[] {
    const backs: Back[] = [];
    if (this.#queue(account).length === 0) return backs;
    const queue = this.#ownQueue(account);
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const { in: came, out } = this.#of(account);
      const amount = Math.min(first.remaining, came - out);
      if (amount === 0) break;
      const { ofIndex, ofPart, unit } = first;
      const shift = this.#shift(account, first.backTo, amount);
      backs.push({ from: account, to: first.backTo, amount, ...shift, ofIndex, ofPart, unit });
      first.unit += amount;
      first.remaining -= amount;
      if (first.remaining === 0) queue.shift();
    }
    return backs;
  }

  #shift(from: number, to: number, amount: number): { fromPos: number; toPos: number } {
    assert(from !== to, `account ${from} moves to itself`);
    const source = this.#own(from);
    const target = this.#own(to);
    const positions = { fromPos: source.out, toPos: target.in };
    source.out += amount;
    target.in += amount;
    assert(source.out <= Number.MAX_SAFE_INTEGER && target.in <= Number.MAX_SAFE_INTEGER, 'a position of 2^53');
    return positions;
  }

  #rules(account: number): AccountRules {
    const rules = this.#below.rules(account);
    assert(rules !== undefined, `there is no account ${account}`);
    return rules;
  }

  #of(account: number): Totals {
    const totals = this.#totals.get(account) ?? this.#below.totals(account);
    assert(totals !== undefined, `account ${account} was not prepared`);
    return totals;
  }

  #own(account: number): Totals {
    let own = this.#totals.get(account);
    if (own === undefined) {
      own = { ...this.#of(account) };
      this.#totals.set(account, own);
    }
    return own;
  }

  #queue(account: number): readonly Waiting[] {
    return this.#waiting.get(account) ?? this.#below.waiting(account) ?? [];
  }

  #ownQueue(account: number): Waiting[] {
    let own = this.#waiting.get(account);
    if (own === undefined) {
      own = (this.#below.waiting(account) ?? []).map((waiting) => ({ ...waiting }));
      this.#waiting.set(account, own);
    }
    return own;
  }
}
