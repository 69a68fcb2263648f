/** The entries of docs/formats/entries.md, kind by kind, as TypeScript. */
import type { BasePart, Rule } from './amount.ts';

/** `[from, to, minor, fromPos, toPos]` */
export type Move = readonly [from: number, to: number, minor: number, fromPos: number, toPos: number];
/** `[from, to, minor, fromPos, toPos, index, part, unit]`: takes back the end of move (index, part). */
export type Back = readonly [
  from: number,
  to: number,
  minor: number,
  fromPos: number,
  toPos: number,
  index: number,
  part: number,
  unit: number,
];
/** `[index, part, minor]` */
export type Declare = readonly [index: number, part: number, minor: number];

/** At least one of the two. */
export interface Name {
  en?: string;
  zh?: string;
}

/** By asset: `[lines, minor]`. */
export type Sums = Readonly<Record<string, readonly [lines: number, minor: number]>>;

export interface LogOpen {
  kind: 'log.open';
  book: string;
  format: 1;
  origin: string;
  purpose: 'live' | 'test';
}
export interface LogTick {
  kind: 'log.tick';
  /** Whole seconds, UTC. */
  time: string;
}
export interface LogKey {
  kind: 'log.key';
  key: string;
  role: 'log' | 'witness';
  state: 'active' | 'retired';
}
export interface LedgerAsset {
  kind: 'ledger.asset';
  asset: string;
  scale: number;
}
export interface LedgerAccount {
  kind: 'ledger.account';
  account: number;
  asset: string;
  name: string;
  source?: true;
}
export interface LedgerSettle {
  kind: 'ledger.settle';
  back: readonly Back[];
}
export interface LedgerClose {
  kind: 'ledger.close';
  /** The state before this entry, the first tick of a month. */
  at: number;
  lines: number;
  root: string;
}
export interface GivingSource {
  kind: 'giving.source';
  name: Name;
  source: string;
  zone: string;
}
export interface GivingRecipient {
  kind: 'giving.recipient';
  assets: readonly string[];
  charity: Name;
  name: Name;
  recipient: string;
  type: 'project' | 'organisation';
}
export interface GivingMerchant {
  kind: 'giving.merchant';
  merchant: string;
  name?: Name;
  source: string;
}
export interface GivingTerms {
  kind: 'giving.terms';
  asset: string;
  base: readonly BasePart[];
  cap?: number;
  ended?: true;
  from: string;
  imported?: true;
  merchant: string;
  pledge: string;
  recipients: readonly (readonly [account: number, weight: number])[];
  rule: Rule;
  until?: string;
  version: number;
}
export interface GivingGift {
  kind: 'giving.gift';
  move: readonly Move[];
  seal: string;
  terms: number;
}
export interface GivingReturn {
  kind: 'giving.return';
  back?: readonly Back[];
  declare: readonly Declare[];
  gift: number;
  seal: string;
}
export interface GivingTally {
  kind: 'giving.tally';
  created: Sums;
  date: string;
  digest: string;
  ignored: Readonly<Record<string, number>>;
  refused: Readonly<Record<string, number>>;
  returned: Sums;
  source: string;
}

export type Entry =
  | LogOpen
  | LogTick
  | LogKey
  | LedgerAsset
  | LedgerAccount
  | LedgerSettle
  | LedgerClose
  | GivingSource
  | GivingRecipient
  | GivingMerchant
  | GivingTerms
  | GivingGift
  | GivingReturn
  | GivingTally;

/** The account that a merchant gives from. */
export function merchantAccount(merchant: string): string {
  return `giving/merchant/${merchant}`;
}

/** The pledge account: what a merchant owes a recipient. */
export function promisedAccount(merchant: string, recipient: string): string {
  return `giving/promised/${merchant}/${recipient}`;
}
