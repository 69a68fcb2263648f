/** Lines of a book's state, kind by kind: docs/formats/close.md. What an entry says already is the entry itself, as it stands in the log. */
import { fromUtf8 } from '../bytes.ts';
import type {
  GivingMerchant,
  GivingRecipient,
  GivingSource,
  GivingTally,
  GivingTerms,
  LedgerAsset,
  LogOpen,
} from '../entry/entry.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import { type Check, exactly, integer, list, map, object, text, tuple } from '../entry/shape.ts';
import { Failure } from '../failure.ts';

/** Always the first. */
export interface StateHead {
  kind: 'state';
  /** The state is that before this entry: the first tick of a month. */
  at: number;
  format: 1;
  open: LogOpen;
  /** Of the last tick before. */
  tick: string;
  /** Entries so far by kind. */
  counts: Readonly<Record<string, number>>;
}
export interface StateKey {
  kind: 'state.key';
  key: string;
  role: 'log' | 'witness';
  /** Index of the entry that made it active, and of the one that retired it. */
  since: number;
  until?: number;
}
export interface StateRetired {
  kind: 'state.retired';
  key: string;
  since: number;
}
export interface StateAccount {
  kind: 'state.account';
  account: number;
  asset: string;
  in: number;
  name: string;
  out: number;
  source?: true;
}
export interface StateWaiting {
  kind: 'state.waiting';
  account: number;
  index: number;
  left: number;
  part: number;
  unit: number;
}
export interface StateDeclared {
  kind: 'state.declared';
  index: number;
  /** By part. */
  minor: readonly number[];
}
export interface StateGiven {
  kind: 'state.given';
  account: number;
  gifts: number;
  given: number;
  returned: number;
}
export interface StateGifts {
  kind: 'state.gifts';
  asset: string;
  gifts: number;
}
export interface StateTerms {
  kind: 'state.terms';
  given: number;
  index: number;
  terms: GivingTerms;
}
export interface StateDays {
  kind: 'state.days';
  digest: string;
  /** By asset: lines, and minor units as text. */
  gifts: Readonly<Record<string, readonly [number, string]>>;
  returned: Readonly<Record<string, string>>;
  source: string;
}

export type StateLine =
  | StateHead
  | StateKey
  | StateRetired
  | LedgerAsset
  | StateAccount
  | StateWaiting
  | StateDeclared
  | StateGiven
  | StateGifts
  | GivingSource
  | GivingRecipient
  | GivingMerchant
  | StateTerms
  | StateDays
  | GivingTally;

const anyText = text(/^.{1,400}$/s, 'a text', '文本');
const hash = text(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, '32 bytes in base64url', ' base64url 的 32 字节');
const asset = text(/^[A-Z0-9]{3,12}$/, 'an asset code', '资产代码');
const digits = text(/^(0|[1-9][0-9]{0,29})$/, 'a number as text', '文本形式的数');
const count = integer(0);
const isEntry =
  (kind: string): Check =>
  (value) => {
    if (parseEntry(JSON.stringify(value)).kind !== kind) throw malformed();
  };

const kinds: Readonly<Record<string, Check>> = {
  state: shape({
    at: integer(2),
    counts: map(/^[a-z]+\.[a-z]+$/, count),
    format: exactly(1),
    open: isEntry('log.open'),
    tick: anyText,
  }),
  'state.key': shape({ key: anyText, role: exactly('log', 'witness'), since: count }, { until: count }),
  'state.retired': shape({ key: anyText, since: count }),
  'state.account': shape(
    { account: integer(1), asset, in: count, name: anyText, out: count },
    { source: exactly(true) },
  ),
  'state.waiting': shape({ account: integer(1), index: count, left: integer(1), part: count, unit: count }),
  'state.declared': shape({ index: count, minor: list(count, 1, 10_000) }),
  'state.given': shape({ account: integer(1), gifts: count, given: count, returned: count }),
  'state.gifts': shape({ asset, gifts: count }),
  'state.terms': shape({ given: count, index: count, terms: isEntry('giving.terms') }),
  'state.days': shape({
    digest: hash,
    gifts: map(/^[A-Z0-9]{3,12}$/, tuple(count, digits)),
    returned: map(/^[A-Z0-9]{3,12}$/, digits),
    source: anyText,
  }),
};
const entryKinds = ['ledger.asset', 'giving.source', 'giving.recipient', 'giving.merchant', 'giving.tally'];

function shape(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  return object({ ...required, kind: () => {} }, optional);
}

/** @throws Failure `state.format`; whether the line is true only a close in the log can tell */
export function parseStateLine(line: Uint8Array): StateLine {
  try {
    const value = JSON.parse(fromUtf8(line)) as { kind?: unknown } | null;
    const kind = typeof value?.kind === 'string' ? value.kind : '';
    if (entryKinds.includes(kind)) return parseEntry(line) as StateLine;
    if (!Object.hasOwn(kinds, kind)) throw malformed();
    (kinds[kind] as Check)(value, '');
    return value as StateLine;
  } catch (error) {
    if (error instanceof Failure && error.rule === 'state.format') throw error;
    throw malformed();
  }
}

export function malformed(): Failure {
  return new Failure('state.format', 'it is not the state of a book at a close', '不是账册在结账时的状态');
}
