/** What giving adds to the ledger's rules: who may give to whom under which terms, splits, caps, returns, tallies, public totals. */
import type { StateLine } from '../close/state-line.ts';
import { takeBack } from '../entry/amount.ts';
import {
  type Declare,
  type GivingMerchant,
  type GivingRecipient,
  type GivingReturn,
  type GivingSource,
  type GivingTally,
  type GivingTerms,
  type Move,
  merchantAccount,
} from '../entry/entry.ts';
import { Failure } from '../failure.ts';
import type { PostedMove } from './move-columns.ts';
import type { Account, Positions } from './positions.ts';
import { Tallies } from './tallies.ts';
import { TermsBook, type TermsInForce } from './terms.ts';

/** In minor units, gross: what is left is given - returned. */
export interface Total {
  given: bigint;
  returned: bigint;
  gifts: bigint;
}

/** Of one pledge account. */
interface Sum {
  given: number;
  returned: number;
  gifts: number;
}

/** Lines of a state that are giving's. */
export type GivingLine = Exclude<
  StateLine,
  {
    kind:
      | 'state'
      | 'state.key'
      | 'state.retired'
      | 'ledger.asset'
      | 'state.account'
      | 'state.waiting'
      | 'state.declared';
  }
>;

/** Where the leaf hash of the entry lies. */
export interface Leaf {
  hashes: Uint8Array;
  at: number;
}

export class Giving {
  readonly sources = new Map<string, GivingSource>();
  readonly recipients = new Map<string, GivingRecipient>();
  readonly merchants = new Map<string, GivingMerchant>();
  readonly terms: TermsBook;
  gifts = 0;
  returns = 0;
  readonly #positions: Positions;
  readonly #tallies = new Tallies();
  readonly #sums = new Map<Account, Sum>();
  readonly #giftsByAsset = new Map<string, number>();

  constructor(positions: Positions) {
    this.#positions = positions;
    this.terms = new TermsBook(positions);
  }

  source(entry: GivingSource): void {
    this.sources.set(entry.source, entry);
  }

  recipient(entry: GivingRecipient): void {
    this.recipients.set(entry.recipient, entry);
  }

  merchant(entry: GivingMerchant): void {
    this.#sourceOf(entry.source);
    const before = this.merchants.get(entry.merchant);
    if (before && before.source !== entry.source) {
      throw new Failure('merchant.source', 'the merchant was of another source', '该商家原属另一来源');
    }
    this.merchants.set(entry.merchant, entry);
  }

  addTerms(index: number, entry: GivingTerms, lastTick: string): void {
    this.terms.add(index, entry, lastTick, this.merchants, this.recipients);
  }

  tally(entry: GivingTally): void {
    this.#sourceOf(entry.source);
    this.#tallies.addTally(entry);
  }

  /** Checks the start, the split and the cap, then moves the units. @param lastTick the time of the last tick */
  gift(index: number, move: readonly Move[], termsIndex: number, leaf: Leaf, lastTick: string): void {
    const terms = this.terms.at(termsIndex);
    terms.mustHaveStarted(lastTick);
    if (terms.entry.ended) throw new Failure('gift.ended', 'these terms end the pledge', '该条款为承诺的结束');
    const { asset, merchant } = terms.entry;
    terms.from ??= this.#positions.named(asset, merchantAccount(merchant));
    const { from } = terms;
    if (!from?.source) throw new Failure('gift.merchant', 'the merchant has no account', '商家没有账户');
    const given = this.#splitOf(terms, from, move);
    const gross = terms.gross(given);
    if (gross > (terms.entry.cap ?? Number.MAX_SAFE_INTEGER)) {
      const en = `${gross} were given under the pledge, above its cap`;
      throw new Failure('gift.cap', en, `该承诺已捐 ${gross}，超过上限`);
    }
    for (let part = 0; part < move.length; part++) {
      const one = move[part] as Move;
      this.#positions.move(index, part, one);
      const sum = this.#sumOf(this.#positions.account(one[1]));
      sum.given += one[2];
      sum.gifts++;
    }
    this.gifts++;
    this.#giftsByAsset.set(asset, (this.#giftsByAsset.get(asset) ?? 0) + 1);
    this.#tallies.addGift(this.#sourceIdOf(merchant), asset, given, leaf.hashes, leaf.at);
  }

  /** Returns the gift's amount. @throws Failure unless the moves are what the terms' running total makes of it */
  #splitOf(terms: TermsInForce, from: Account, move: readonly Move[]): number {
    let given = 0;
    for (const [, , minor] of move) given += minor;
    const parts = terms.split.add(given);
    let next = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as number;
      if (part === 0) continue;
      const one = move[next++];
      if (one?.[0] !== from.account || one[1] !== terms.accounts[i]?.account || one[2] !== part) {
        const account = terms.accounts[i]?.account;
        const en = `move[${next - 1}] should be ${part} from account ${from.account} to account ${account}`;
        throw new Failure(
          'gift.split',
          en,
          `move[${next - 1}] 应从账户 ${from.account} 向账户 ${account} 移动 ${part}`,
        );
      }
    }
    if (next !== move.length) throw new Failure('gift.split', 'there is a move too many', '多出一笔移动');
    return given;
  }

  /** Checks what each move gives back, declares it, settles what the entry settles. */
  return({ gift, declare, back = [] }: GivingReturn, leaf: Leaf): void {
    const moves = this.#positions.posted(gift);
    const first = moves[0];
    if (!first) throw new Failure('return.gift', `entry ${gift} is no gift`, `条目 ${gift} 不是捐赠`);
    const minor = this.#declareAll(gift, moves, declare);
    if (back.some(([, , , , , index]) => index !== gift)) {
      throw new Failure('return.back', 'back is of another gift', 'back 属于另一笔捐赠');
    }
    for (const one of back) this.#positions.back(one);
    this.returns++;
    const from = this.#positions.account(first.from);
    const merchant = from.name.slice(merchantAccount('').length);
    this.#tallies.addReturn(this.#sourceIdOf(merchant), from.asset, minor, leaf.hashes, leaf.at);
  }

  #declareAll(gift: number, moves: readonly PostedMove[], declare: readonly Declare[]): number {
    const before = moves.reduce((sum, move) => sum + this.#positions.declared(gift, move.part), 0);
    const minor = declare.reduce((sum, [, , amount]) => sum + amount, 0);
    const given = moves.reduce((sum, { amount }) => sum + amount, 0);
    if (before + minor > given) {
      const en = `${before + minor} would be taken back of a gift of ${given}`;
      throw new Failure('return.amount', en, `捐赠 ${given}，却要退回 ${before + minor}`);
    }
    const amounts = moves.map(({ amount }) => BigInt(amount));
    const parts = moves.length === 1 ? [minor] : takeBack(amounts, BigInt(before), BigInt(before + minor)).map(Number);
    const expected = parts.flatMap((part, i) => (part > 0 ? [[gift, i, part] as const] : []));
    if (JSON.stringify(expected) !== JSON.stringify(declare)) {
      const should = JSON.stringify(expected);
      throw new Failure('return.split', `declare should be ${should}`, `declare 应为 ${should}`);
    }
    for (const one of declare) {
      const move = this.#positions.declare(one);
      this.#sumOf(this.#positions.account(move.to)).returned += one[2];
    }
    return minor;
  }

  /** By asset. */
  totals(): Map<string, Total> {
    const totals = new Map<string, Total>();
    for (const [{ asset }, sum] of this.#sums) add(totals, asset, sum);
    for (const [asset, total] of totals) total.gifts = BigInt(this.#giftsByAsset.get(asset) ?? 0);
    return totals;
  }

  /** By recipient's public id, then by asset. */
  recipientTotals(): Map<string, Map<string, Total>> {
    const totals = new Map<string, Map<string, Total>>();
    for (const [{ asset, name }, sum] of this.#sums) {
      const recipient = name.slice(name.lastIndexOf('/') + 1);
      const assets = totals.get(recipient) ?? new Map<string, Total>();
      totals.set(recipient, assets);
      add(assets, asset, sum);
    }
    return totals;
  }

  /** What a close says of giving. */
  *state(): Generator<StateLine> {
    for (const account of this.#positions.accounts) {
      const sum = this.#sums.get(account);
      if (sum) yield { kind: 'state.given', account: account.account, ...sum };
    }
    for (const asset of [...this.#giftsByAsset.keys()].sort()) {
      yield { kind: 'state.gifts', asset, gifts: this.#giftsByAsset.get(asset) ?? 0 };
    }
    for (const entries of [this.sources, this.recipients, this.merchants]) {
      for (const id of [...entries.keys()].sort()) yield entries.get(id) as GivingSource;
    }
    yield* this.terms.state();
    yield* this.#tallies.state();
  }

  restore(line: GivingLine): void {
    switch (line.kind) {
      case 'state.given': {
        const { given, returned, gifts } = line;
        this.#sums.set(this.#positions.account(line.account), { given, returned, gifts });
        break;
      }
      case 'state.gifts':
        this.#giftsByAsset.set(line.asset, line.gifts);
        break;
      case 'giving.source':
        this.source(line);
        break;
      case 'giving.recipient':
        this.recipient(line);
        break;
      case 'giving.merchant':
        this.merchant(line);
        break;
      case 'state.terms':
        this.terms.restore(line);
        break;
      case 'state.days':
      case 'giving.tally':
        this.#tallies.restore(line);
        break;
    }
  }

  #sumOf(account: Account): Sum {
    let sum = this.#sums.get(account);
    if (!sum) {
      sum = { given: 0, returned: 0, gifts: 0 };
      this.#sums.set(account, sum);
    }
    return sum;
  }

  #sourceOf(source: string): void {
    if (!this.sources.has(source)) {
      throw new Failure('source.unknown', `there is no source ${source}`, `没有来源 ${source}`);
    }
  }

  #sourceIdOf(merchant: string): string {
    return this.merchants.get(merchant)?.source ?? '';
  }
}

function add(totals: Map<string, Total>, asset: string, sum: Sum): void {
  const total = totals.get(asset) ?? { given: 0n, returned: 0n, gifts: 0n };
  total.given += BigInt(sum.given);
  total.returned += BigInt(sum.returned);
  total.gifts += BigInt(sum.gifts);
  totals.set(asset, total);
}
