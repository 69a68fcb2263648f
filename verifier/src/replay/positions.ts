/**
 * Units through first-in-first-out accounts: `move`, `back` and `declare` of docs/formats/entries.md, whatever kind of entry carries them. A
 * transfer that breaks a rule throws; the state is then no longer to be used.
 */
import type { StateAccount, StateDeclared, StateLine, StateWaiting } from '../close/state-line.ts';
import type { Back, Declare, LedgerAsset, Move } from '../entry/entry.ts';
import { Failure } from '../failure.ts';
import { MoveColumns, type PostedMove } from './move-columns.ts';
import { type Reversal, Reversals } from './trace.ts';
import { Waiting } from './waiting.ts';

export interface Account {
  readonly account: number;
  readonly asset: string;
  readonly name: string;
  /** Value enters here; it alone may go below zero. */
  readonly source: boolean;
  /** Units that came in, and that went out, since the beginning. */
  in: number;
  out: number;
}

export class Positions {
  readonly moves = new MoveColumns();
  readonly waiting = new Waiting();
  /** By the account that they left. */
  readonly reversals = new Map<Account, Reversal[]>();
  /** By account number - 1. */
  readonly #accounts: Account[] = [];
  readonly #byName = new Map<string, Account>();
  readonly #assets = new Map<string, number>();
  /** By index of the moves, then by part: how much is declared of each. */
  readonly #declared = new Map<number, number[]>();
  /** Moves from before the state that the replay began with, as far as they were asked for. */
  readonly #recalled = new Map<number, readonly PostedMove[]>();
  /** Accounts that could settle something but have not yet. */
  readonly #due = new Set<Account>();

  get accounts(): readonly Account[] {
    return this.#accounts;
  }

  /** Decimal places by asset. */
  get assets(): ReadonlyMap<string, number> {
    return this.#assets;
  }

  addAsset(asset: string, scale: number): void {
    if (this.#assets.has(asset)) throw refuse('asset.again', `${asset} was said before`, `${asset} 已声明过`);
    this.#assets.set(asset, scale);
  }

  addAccount(account: number, asset: string, name: string, source: boolean): void {
    const next = this.#accounts.length + 1;
    if (account !== next)
      throw refuse('account.number', `account ${account} should be ${next}`, `账户 ${account} 应为 ${next}`);
    if (!this.#assets.has(asset)) throw refuse('asset.unknown', `there is no asset ${asset}`, `没有资产 ${asset}`);
    const key = `${asset} ${name}`;
    if (this.#byName.has(key)) throw refuse('account.name', `${name} has an account already`, `${name} 已有账户`);
    const opened = { account, asset, name, source, in: 0, out: 0 };
    this.#accounts.push(opened);
    this.#byName.set(key, opened);
  }

  named(asset: string, name: string): Account | undefined {
    return this.#byName.get(`${asset} ${name}`);
  }

  /** @throws Failure when there is no such account */
  account(account: number): Account {
    const found = this.#accounts[account - 1];
    if (!found) throw refuse('account.unknown', `there is no account ${account}`, `没有账户 ${account}`);
    return found;
  }

  /** How much of a move is declared to be taken back. */
  declared(index: number, part: number): number {
    return this.#declared.get(index)?.[part] ?? 0;
  }

  /** The moves of entry `index`, in part order; none when it moved nothing. */
  posted(index: number): readonly PostedMove[] {
    return this.#recalled.get(index) ?? this.moves.of(index);
  }

  /** Whether the moves of an entry from before the replay's beginning were brought in. */
  knows(index: number): boolean {
    return this.#recalled.has(index);
  }

  /** Brings in the moves of an entry from before the replay's beginning; the caller has proved that the log has it. */
  recall(index: number, moves: readonly Move[]): void {
    const posted = moves.map(([from, to, amount, , toPos], part) => ({ index, part, from, to, amount, toPos }));
    this.#recalled.set(index, posted);
  }

  move(index: number, part: number, [from, to, minor, fromPos, toPos]: Move): void {
    const source = this.account(from);
    const target = this.account(to);
    if (this.waiting.holds(source)) {
      throw refuse('move.waiting', `account ${from} still owes returns`, `账户 ${from} 尚有待结清的退回`);
    }
    this.#transfer(source, target, minor, fromPos, toPos);
    this.moves.add(index, part, from, to, minor, toPos);
  }

  declare([index, part, minor]: Declare): PostedMove {
    const move = this.#move(index, part);
    const declared = this.declared(index, part) + minor;
    if (declared > move.amount) {
      const en = `${declared} declared of move ${index}.${part}, which moved ${move.amount}`;
      throw refuse('declare.amount', en, `移动 ${index}.${part} 共 ${move.amount}，却声明退回 ${declared}`);
    }
    this.#setDeclared(index, part, declared);
    const holder = this.account(move.to);
    this.waiting.add(holder, { index, part, unit: move.toPos + move.amount - declared, left: minor });
    this.#mark(holder);
    return move;
  }

  back([from, to, minor, fromPos, toPos, index, part, unit]: Back): void {
    const move = this.#move(index, part);
    if (from !== move.to || to !== move.from) {
      throw refuse(
        'back.accounts',
        `the accounts are not those of move ${index}.${part}`,
        `账户与移动 ${index}.${part} 不符`,
      );
    }
    const holder = this.account(from);
    this.waiting.settle(holder, index, part, unit, minor);
    this.#transfer(holder, this.account(to), minor, fromPos, toPos);
    const reversals = this.reversals.get(holder) ?? [];
    reversals.push({ fromPos, minor, unit });
    this.reversals.set(holder, reversals);
    this.#mark(holder);
  }

  /** Reversals so far. */
  get backs(): number {
    return [...this.reversals.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The most reversals behind any one unit of any account. */
  longestChain(): number {
    return Math.max(0, ...[...this.reversals.values()].map((reversals) => new Reversals(reversals).longestChain()));
  }

  /** To be called when entry after entry has been applied. @throws Failure when something was not settled as soon as it could be */
  settled(): void {
    for (const { account } of this.#due) {
      throw refuse(
        'settle.late',
        `account ${account} could settle a return and did not`,
        `账户 ${account} 可结清退回而未结清`,
      );
    }
  }

  /** What a close says of the ledger. */
  *state(): Generator<StateLine> {
    for (const [asset, scale] of this.#assets) yield { kind: 'ledger.asset', asset, scale };
    for (const { source, ...account } of this.#accounts) {
      yield { kind: 'state.account', ...account, ...(source ? { source } : {}) };
    }
    for (const account of this.#accounts) yield* this.waiting.state(account);
    for (const index of [...this.#declared.keys()].sort((a, b) => a - b)) {
      yield { kind: 'state.declared', index, minor: this.#declared.get(index) as number[] };
    }
  }

  restore(line: LedgerAsset | StateAccount | StateWaiting | StateDeclared): void {
    switch (line.kind) {
      case 'ledger.asset':
        this.addAsset(line.asset, line.scale);
        break;
      case 'state.account':
        this.addAccount(line.account, line.asset, line.name, line.source === true);
        Object.assign(this.account(line.account), { in: line.in, out: line.out });
        break;
      case 'state.waiting': {
        const { index, part, unit, left } = line;
        this.waiting.add(this.account(line.account), { index, part, unit, left });
        break;
      }
      case 'state.declared':
        this.#declared.set(line.index, [...line.minor]);
    }
  }

  #setDeclared(index: number, part: number, minor: number): void {
    const parts = this.#declared.get(index) ?? [];
    while (parts.length < part) parts.push(0);
    parts[part] = minor;
    this.#declared.set(index, parts);
  }

  #transfer(from: Account, to: Account, minor: number, fromPos: number, toPos: number): void {
    if (from === to)
      throw refuse('move.itself', `account ${from.account} moves to itself`, `账户 ${from.account} 转给自己`);
    if (from.asset !== to.asset) {
      const en = `accounts ${from.account} and ${to.account} have different assets`;
      throw refuse('move.asset', en, `账户 ${from.account} 与 ${to.account} 的资产不同`);
    }
    if (fromPos !== from.out) throw position('from', from.account, fromPos, from.out);
    if (toPos !== to.in) throw position('to', to.account, toPos, to.in);
    from.out += minor;
    to.in += minor;
    if (from.out > from.in && !from.source) {
      throw refuse('move.balance', `account ${from.account} falls below zero`, `账户 ${from.account} 余额低于零`);
    }
    if (from.out > Number.MAX_SAFE_INTEGER || to.in > Number.MAX_SAFE_INTEGER) {
      throw refuse('move.limit', 'a position reaches 2^53', '位置达到 2^53');
    }
    if (this.waiting.holds(to)) this.#mark(to);
  }

  #mark(account: Account): void {
    if (this.waiting.holds(account) && (account.in > account.out || account.source)) this.#due.add(account);
    else this.#due.delete(account);
  }

  #move(index: number, part: number): PostedMove {
    const move = this.#recalled.get(index)?.[part] ?? this.moves.at(index, part);
    if (!move) throw refuse('move.unknown', `there is no move ${index}.${part}`, `没有移动 ${index}.${part}`);
    return move;
  }
}

function position(side: 'from' | 'to', account: number, said: number, had: number): Failure {
  const en = `${side}Pos is ${said}, but account ${account} is at ${had}`;
  return refuse(`move.${side}_position`, en, `${side}Pos 为 ${said}，而账户 ${account} 的位置是 ${had}`);
}

function refuse(rule: string, en: string, zh: string): Failure {
  return new Failure(rule, en, zh);
}
