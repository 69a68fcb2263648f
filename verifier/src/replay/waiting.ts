/** Declared returns that are not settled: by account, in log order, each from its lowest unit. */
import type { StateWaiting } from '../close/state-line.ts';
import { Failure } from '../failure.ts';
import type { Account } from './positions.ts';

interface Declared {
  /** The move that is taken back. */
  readonly index: number;
  readonly part: number;
  /** Next in-position to leave. */
  unit: number;
  left: number;
}

export class Waiting {
  readonly #queues = new Map<Account, Declared[]>();

  /** Does anything wait on this account? Then nothing but `back` may leave it. */
  holds(account: Account): boolean {
    return this.#queues.has(account);
  }

  add(account: Account, declared: Declared): void {
    const queue = this.#queues.get(account);
    if (queue) queue.push(declared);
    else this.#queues.set(account, [declared]);
  }

  /** @throws Failure unless these are the units that come next */
  settle(account: Account, index: number, part: number, unit: number, minor: number): void {
    const queue = this.#queues.get(account);
    const next = queue?.[0];
    if (!queue || !next || next.index !== index || next.part !== part || minor > next.left) {
      const en = `the oldest return declared on account ${account.account} is not of ${minor} units of move ${index}.${part}`;
      const zh = `账户 ${account.account} 最早声明的退回不是移动 ${index}.${part} 的 ${minor} 个单位`;
      throw new Failure('back.undeclared', en, zh);
    }
    if (unit !== next.unit) {
      throw new Failure('back.unit', `unit is ${unit}, not ${next.unit}`, `unit 为 ${unit}，应为 ${next.unit}`);
    }
    next.unit += minor;
    next.left -= minor;
    if (next.left === 0) queue.shift();
    if (queue.length === 0) this.#queues.delete(account);
  }

  /** What a close says of an account's queue, the oldest first. */
  *state(account: Account): Generator<StateWaiting> {
    for (const declared of this.#queues.get(account) ?? []) {
      yield { kind: 'state.waiting', account: account.account, ...declared };
    }
  }

  /** Units that wait, by asset. */
  totals(): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const [{ asset }, queue] of this.#queues) {
      for (const { left } of queue) sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(left));
    }
    return sums;
  }
}
