/** What a gift was, put together from proved entries alone: by which merchant, to whom, under which terms, what came back. */
import {
  type Entry,
  type GivingGift,
  type GivingMerchant,
  type GivingRecipient,
  type GivingReturn,
  type GivingTerms,
  type LedgerAccount,
  type Move,
  merchantAccount,
  type Name,
  promisedAccount,
} from '../entry/entry.ts';
import { Failure, type Said } from '../failure.ts';

/** Entries proved in one checkpoint, by index. */
export type ProvedEntries = ReadonlyMap<number, Entry>;

export interface GiftPart {
  readonly recipient: GivingRecipient;
  /** Minor units. */
  readonly given: number;
  readonly returned: number;
}

export interface GiftStatement {
  readonly index: number;
  /** `<book>-<index>`, when the log's first entry is among the proved ones. */
  readonly id: string | undefined;
  /** A gift of a `test` book is none. */
  readonly purpose: 'live' | 'test' | undefined;
  readonly asset: string;
  /** Decimal places, when the asset's entry is among the proved ones. */
  readonly scale: number | undefined;
  readonly given: number;
  /** As far as the proof says: it cannot show that there were no further returns. */
  readonly returned: number;
  readonly merchant: GivingMerchant;
  readonly terms: GivingTerms;
  readonly parts: readonly GiftPart[];
}

/**
 * @param index of the gift, which is among `entries`
 * @throws Failure when the entries do not fit together or one is missing
 */
export function stateGift(index: number, entries: ProvedEntries): GiftStatement {
  const gift = entries.get(index);
  if (gift?.kind !== 'giving.gift')
    throw new Failure('gift.kind', 'the entry is no gift', '该条目不是捐赠', `entry ${index}`);
  const terms = entries.get(gift.terms);
  if (terms?.kind !== 'giving.terms') throw missing(`the terms, entry ${gift.terms},`, `条款（条目 ${gift.terms}）`);
  const merchant = lastOf(entries, 'giving.merchant', (said) => said.merchant === terms.merchant);
  if (!merchant) throw missing(`merchant ${terms.merchant}`, `商家 ${terms.merchant}`);
  checkGiver(gift, terms, entries);
  const returned = sumReturns(index, gift, entries);
  const recipients = recipientsOf(gift, terms, entries);
  const parts = gift.move.map(([, , given], part) => ({
    recipient: recipients[part] as GivingRecipient,
    given,
    returned: returned[part] as number,
  }));
  const opened = entries.get(0);
  const book = opened?.kind === 'log.open' ? opened : undefined;
  const asset = lastOf(entries, 'ledger.asset', (said) => said.asset === terms.asset);
  return {
    index,
    id: book && `${book.book}-${index}`,
    purpose: book?.purpose,
    asset: terms.asset,
    scale: asset?.scale,
    given: sum(parts.map((part) => part.given)),
    returned: sum(returned),
    merchant,
    terms,
    parts,
  };
}

/** Units leave the merchant's own account. */
function checkGiver({ move }: GivingGift, { merchant, asset }: GivingTerms, entries: ProvedEntries): void {
  for (const [from] of move) {
    const account = accountOf(from, entries);
    if (account.name !== merchantAccount(merchant) || account.asset !== asset || !account.source) {
      throw new Failure('gift.merchant', `account ${from} is not the merchant's`, `账户 ${from} 不属于该商家`);
    }
  }
}

/** Each move goes to one of the terms' accounts, in their order, and that account is the recipient's. */
function recipientsOf({ move }: GivingGift, terms: GivingTerms, entries: ProvedEntries): GivingRecipient[] {
  let next = 0;
  return move.map(([, to]: Move) => {
    while (next < terms.recipients.length && terms.recipients[next]?.[0] !== to) next++;
    if (next === terms.recipients.length) {
      throw new Failure('gift.recipient', `account ${to} is not of the terms`, `账户 ${to} 不在条款之中`);
    }
    next++;
    const account = accountOf(to, entries);
    const id = account.name.slice(account.name.lastIndexOf('/') + 1);
    const recipient = lastOf(entries, 'giving.recipient', (said) => said.recipient === id);
    if (!recipient) throw missing(`recipient ${id}`, `接收方 ${id}`);
    if (account.name !== promisedAccount(terms.merchant, id) || account.asset !== terms.asset) {
      throw new Failure('gift.recipient', `account ${to} is not the recipient's`, `账户 ${to} 不属于该接收方`);
    }
    return recipient;
  });
}

/** By part. */
function sumReturns(index: number, gift: GivingGift, entries: ProvedEntries): number[] {
  const returned = gift.move.map(() => 0);
  for (const entry of entries.values()) {
    if (entry.kind === 'giving.return' && entry.gift === index) addReturn(entry, index, returned);
  }
  for (const [part, [, , minor]] of gift.move.entries()) {
    if ((returned[part] as number) > minor) {
      throw new Failure('return.amount', 'more was returned than given', '退回多于捐赠');
    }
  }
  return returned;
}

function addReturn({ declare }: GivingReturn, index: number, returned: number[]): void {
  for (const [of, part, minor] of declare) {
    if (of !== index || returned[part] === undefined) {
      throw new Failure('return.gift', 'a return is of another gift', '有一笔退回不属于该捐赠');
    }
    returned[part] += minor;
  }
}

function accountOf(number: number, entries: ProvedEntries): LedgerAccount {
  const account = lastOf(entries, 'ledger.account', (said) => said.account === number);
  if (!account) throw missing(`account ${number}`, `账户 ${number}`);
  return account;
}

/** The last one said holds. */
function lastOf<K extends Entry['kind'], E extends Extract<Entry, { kind: K }>>(
  entries: ProvedEntries,
  kind: K,
  fits: (entry: E) => boolean,
): E | undefined {
  let last = -1;
  for (const [index, entry] of entries) if (entry.kind === kind && fits(entry as E) && index > last) last = index;
  return entries.get(last) as E | undefined;
}

function missing(en: string, zh: string): Failure {
  return new Failure('proof.missing', `${en} is not in the proof`, `证明中缺少${zh}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** An amount for people: `CNY 0.02`. @param scale undefined when unknown: then in smallest units, saying so */
export function sayAmount(minor: number | bigint, asset: string, scale: number | undefined): Said {
  if (scale === undefined) {
    return { en: `${minor} smallest units of ${asset}`, zh: `${minor} 个 ${asset} 最小单位` };
  }
  const digits = String(minor).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = `${asset} ${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
  return { en: text, zh: text };
}

/** A name in both languages, each standing in for the other. */
export function sayName(name: Name): Said {
  const any = name.en ?? name.zh ?? '';
  return { en: name.en ?? any, zh: name.zh ?? any };
}

/** The gift in a few sentences. */
export function sayGift(gift: GiftStatement): Said {
  const { merchant, asset, scale } = gift;
  const who = merchant.name
    ? sayName(merchant.name)
    : { en: `merchant ${merchant.merchant}`, zh: `商家 ${merchant.merchant}` };
  const given = sayAmount(gift.given, asset, scale);
  const said = {
    en: [`${who.en} gave ${given.en}${sayParts(gift, 'en')}.`, 'Promised, not yet paid. This is not a tax receipt.'],
    zh: [`${who.zh} 捐赠 ${given.zh}${sayParts(gift, 'zh')}。`, '已承诺，尚未支付。本证明不是捐赠票据。'],
  };
  if (gift.returned > 0) {
    const back = sayAmount(gift.returned, asset, scale);
    said.en.push(`Of this, ${back.en} went back because goods were returned.`);
    said.zh.push(`其中 ${back.zh} 因退货退回。`);
  }
  said.en.push('Returns that are not in this file are not shown.');
  said.zh.push('不在此文件中的退回不会显示。');
  if (gift.terms.imported) {
    said.en.push('Imported from earlier records.');
    said.zh.push('由历史记录导入。');
  }
  if (gift.purpose === 'test') {
    said.en.push('It is of a test book: no real gift.');
    said.zh.push('这属于测试账本，不是真实捐赠。');
  }
  return { en: said.en.join(' '), zh: said.zh.join('') };
}

function sayParts({ parts, asset, scale }: GiftStatement, language: keyof Said): string {
  const [to, join] = language === 'en' ? [' to ', ', '] : ['，受赠方：', '、'];
  const one = ({ recipient, given }: GiftPart) => {
    const amount = parts.length > 1 ? ` ${sayAmount(given, asset, scale)[language]}` : '';
    const [name, charity] = [sayName(recipient.name)[language], sayName(recipient.charity)[language]];
    return `${name}${charity === name ? '' : ` (${charity})`}${amount}`;
  };
  return to + parts.map(one).join(join);
}
