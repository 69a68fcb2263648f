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

/** An account as this batch sees it. */
interface Slot {
  readonly rules: AccountRules;
  /** After what the batch did so far. */
  in: number;
  out: number;
  isTouched: boolean;
  /** The committed queue, or this batch's own once it is changed. */
  queue: readonly Waiting[];
  own: Waiting[] | null;
}

const noQueue: readonly Waiting[] = [];

export class Positions {
  readonly #below: Below;
  readonly #slots = new Map<number, Slot>();

  constructor(below: Below) {
    this.#below = below;
  }

  /** Accounts that this batch touched, with their totals after it. */
  *touched(): Generator<readonly [account: number, totals: Totals]> {
    for (const [account, { isTouched, in: came, out }] of this.#slots)
      if (isTouched) yield [account, { in: came, out }];
  }

  /** Queues that this batch touched. */
  get queues(): ReadonlyMap<number, readonly Waiting[]> {
    const queues = new Map<number, readonly Waiting[]>();
    for (const [account, { own }] of this.#slots) if (own !== null) queues.set(account, own);
    return queues;
  }

  /** What may leave an account: its balance, nothing while a declared return waits on it; unlimited for a source. */
  available(account: number): number {
    return availableIn(this.#slot(account));
  }

  /** Moves units. The caller has checked `available`. */
  move(index: number, part: number, from: number, to: number, amount: number): Move {
    const source = this.#slot(from);
    const target = this.#slot(to);
    assert(amount > 0 && Number.isSafeInteger(amount), `a move of ${amount}`);
    assert(source.rules.asset === target.rules.asset, `accounts ${from} and ${to} differ in asset`);
    assert(amount <= availableIn(source), `account ${from} has not ${amount} to give`);
    const { out: fromPos } = source;
    const { in: toPos } = target;
    shift(source, target, amount);
    return { index, part, from, to, amount, fromPos, toPos, declared: 0 };
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
    ownQueue(this.#slot(move.to)).push(waiting);
    return waiting;
  }

  /** Settles what waits on an account, oldest first, as far as its balance goes. */
  settle(account: number): Back[] {
    const backs: Back[] = [];
    const slot = this.#slot(account);
    if (slot.queue.length === 0) return backs;
    const queue = ownQueue(slot);
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const amount = Math.min(first.remaining, slot.in - slot.out);
      if (amount === 0) break;
      const { ofIndex, ofPart, unit, backTo } = first;
      const target = this.#slot(backTo);
      const positions = { fromPos: slot.out, toPos: target.in };
      shift(slot, target, amount);
      backs.push({ from: account, to: backTo, amount, ...positions, ofIndex, ofPart, unit });
      first.unit += amount;
      first.remaining -= amount;
      if (first.remaining === 0) queue.shift();
    }
    return backs;
  }

  #slot(account: number): Slot {
    let slot = this.#slots.get(account);
    if (slot === undefined) {
      const rules = this.#below.rules(account);
      assert(rules !== undefined, `there is no account ${account}`);
      const totals = this.#below.totals(account);
      assert(totals !== undefined, `account ${account} was not prepared`);
      const queue = this.#below.waiting(account) ?? noQueue;
      slot = { rules, in: totals.in, out: totals.out, isTouched: false, queue, own: null };
      this.#slots.set(account, slot);
    }
    return slot;
  }
}

function availableIn({ queue, rules, in: came, out }: Slot): number {
  if (queue.length > 0) return 0;
  return rules.isSource ? Number.MAX_SAFE_INTEGER : came - out;
}

function shift(source: Slot, target: Slot, amount: number): void {
  assert(source !== target, 'an account moves to itself');
  source.out += amount;
  target.in += amount;
  source.isTouched = true;
  target.isTouched = true;
  assert(source.out <= Number.MAX_SAFE_INTEGER && target.in <= Number.MAX_SAFE_INTEGER, 'a position of 2^53');
}

function ownQueue(slot: Slot): Waiting[] {
  if (slot.own === null) {
    slot.own = slot.queue.map((waiting) => ({ ...waiting }));
    slot.queue = slot.own;
  }
  return slot.own;
}
