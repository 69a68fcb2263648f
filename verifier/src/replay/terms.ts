/** The versions of pledges: what each `giving.terms` may say after those before it. */
import type { StateTerms } from '../close/state-line.ts';
import { canonical } from '../entry/canonical.ts';
import { type GivingMerchant, type GivingRecipient, type GivingTerms, promisedAccount } from '../entry/entry.ts';
import { RunningSplit } from '../entry/running-split.ts';
import { Failure } from '../failure.ts';
import type { Account, Positions } from './positions.ts';

/** All versions of a pledge. */
interface Pledge {
  last: GivingTerms;
  /** Everything given under it, gross, over its versions, by asset; safe integers. */
  readonly gross: Map<string, number>;
}

/** One version of a pledge, with what was given under it so far. */
export class TermsInForce {
  readonly entry: GivingTerms;
  /** Of the recipients, in their order. */
  readonly accounts: readonly Account[];
  readonly split: RunningSplit;
  /** The merchant's, once its first gift has looked it up. */
  from: Account | undefined;
  readonly #pledge: Pledge;
  #started = false;

  /** @param given under it before */
  constructor(entry: GivingTerms, accounts: readonly Account[], pledge: Pledge, given = 0) {
    this.entry = entry;
    this.accounts = accounts;
    this.#pledge = pledge;
    this.split = new RunningSplit(
      entry.recipients.map(([, weight]) => weight),
      given,
    );
  }

  /** @param lastTick the time of the last tick before a gift. @throws Failure when the terms had not started by then */
  mustHaveStarted(lastTick: string): void {
    // Ticks never go back, and both are whole seconds in one spelling, so text compares as time.
    if (this.#started) return;
    const { from } = this.entry;
    this.#started = from <= lastTick;
    if (this.#started) return;
    const en = `its terms start at ${from}, but the last tick before it is ${lastTick}`;
    throw new Failure('gift.early', en, `其条款自 ${from} 起生效，而此前最近的时间条目为 ${lastTick}`);
  }

  /** Counts a gift; returns everything given under the pledge since its first version. */
  gross(given: number): number {
    const { gross } = this.#pledge;
    const sum = (gross.get(this.entry.asset) ?? 0) + given;
    gross.set(this.entry.asset, sum);
    return sum;
  }
}

export class TermsBook {
  readonly #positions: Positions;
  readonly #pledges = new Map<string, Pledge>();
  readonly #terms = new Map<number, TermsInForce>();

  constructor(positions: Positions) {
    this.#positions = positions;
  }

  get count(): number {
    return this.#terms.size;
  }

  get pledges(): number {
    return this.#pledges.size;
  }

  /** The terms said by entry `index`. @throws Failure when that entry said none */
  at(index: number): TermsInForce {
    const terms = this.#terms.get(index);
    if (!terms) throw refuse('unknown', `entry ${index} is no terms`, `条目 ${index} 不是条款`);
    return terms;
  }

  /** @param lastTick the time of the last tick, empty before the first */
  add(
    index: number,
    entry: GivingTerms,
    lastTick: string,
    merchants: ReadonlyMap<string, GivingMerchant>,
    recipients: ReadonlyMap<string, GivingRecipient>,
  ): void {
    const { merchant, from } = entry;
    if (!merchants.has(merchant)) throw refuse('merchant', `there is no merchant ${merchant}`, `没有商家 ${merchant}`);
    if (!entry.imported && from < lastTick) {
      throw refuse('from', `it would begin at ${from}, before it was said`, `其开始时间 ${from} 早于声明之时`);
    }
    const accounts = entry.recipients.map(([account]) => this.#recipientAccount(entry, account, recipients));
    if (new Set(accounts).size !== accounts.length)
      throw refuse('recipients', 'a recipient appears twice', '有接收方重复');
    const pledge = this.#follow(entry);
    this.#pledges.set(entry.pledge, pledge);
    this.#terms.set(index, new TermsInForce(entry, accounts, pledge));
  }

  /** What a close says of them, by index. */
  *state(): Generator<StateTerms> {
    for (const [index, { entry, split }] of this.#terms) {
      yield { kind: 'state.terms', given: split.total, index, terms: entry };
    }
  }

  /** Versions of a pledge come in their order. */
  restore({ given, index, terms: entry }: StateTerms): void {
    const accounts = entry.recipients.map(([account]) => this.#positions.account(account));
    const pledge = this.#follow(entry);
    this.#pledges.set(entry.pledge, pledge);
    const terms = new TermsInForce(entry, accounts, pledge, given);
    if (given > 0) terms.gross(given);
    this.#terms.set(index, terms);
  }

  #follow(entry: GivingTerms): Pledge {
    const pledge = this.#pledges.get(entry.pledge);
    const expected = (pledge?.last.version ?? 0) + 1;
    if (entry.version !== expected) {
      throw refuse(
        'version',
        `version ${entry.version} should be ${expected}`,
        `版本 ${entry.version} 应为 ${expected}`,
      );
    }
    if (!pledge) {
      if (entry.ended) throw refuse('ended', 'a first version cannot end its pledge', '首个版本不能结束承诺');
      return { last: entry, gross: new Map() };
    }
    const { last } = pledge;
    if (entry.merchant !== last.merchant) {
      throw refuse('pledge', 'its versions have different merchants', '各版本的商家不同');
    }
    if (entry.ended && canonical(entry.rule) !== canonical(last.rule)) {
      throw refuse('ended', 'the version that ends a pledge changes its rule', '结束承诺的版本更改了规则');
    }
    pledge.last = entry;
    return pledge;
  }

  #recipientAccount(entry: GivingTerms, number: number, recipients: ReadonlyMap<string, GivingRecipient>): Account {
    const account = this.#positions.account(number);
    const recipient = recipients.get(account.name.slice(account.name.lastIndexOf('/') + 1));
    const name = recipient && promisedAccount(entry.merchant, recipient.recipient);
    if (!recipient || account.name !== name || account.asset !== entry.asset || account.source) {
      const en = `account ${number} is no pledge account of this merchant in ${entry.asset}`;
      throw refuse('recipients', en, `账户 ${number} 不是该商家的 ${entry.asset} 承诺账户`);
    }
    if (!recipient.assets.includes(entry.asset)) {
      const en = `${recipient.recipient} does not take ${entry.asset}`;
      throw refuse('recipients', en, `${recipient.recipient} 不接受 ${entry.asset}`);
    }
    return account;
  }
}

function refuse(rule: string, en: string, zh: string): Failure {
  return new Failure(`terms.${rule}`, en, zh);
}
