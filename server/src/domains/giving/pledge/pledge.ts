/** What a pledge may be and what its next version says. Pure: everything it depends on is handed in. */
import type { PledgeRow } from '@rivulet/client/contract';
import { type BasePart, canonical, type GivingTerms, type Rule } from '@rivulet/verifier';
import { type Refusal, refusal } from '#base/refusal';
import { endOf, startOf, timeText } from './moment.ts';

/** What was asked for, as it is kept and compared: the row without its items, or the row that ended it. */
export type Requested = Omit<PledgeRow, 'items'> & { readonly ended?: true };

/** What a pledge is judged against. */
export interface Setting {
  readonly acceptedMs: number;
  readonly source: {
    readonly zone: string;
    readonly currencies: readonly string[];
    readonly base: readonly BasePart[];
  };
  readonly merchant: { readonly hasAgreement: boolean } | undefined;
  /** By the operator's id, those that the row names and that exist. */
  readonly recipients: ReadonlyMap<string, { readonly assets: readonly string[] }>;
  /** The newest version, if there is one. */
  readonly latest:
    | { readonly merchant: string; readonly asset: string; readonly version: number; readonly requested: Requested }
    | undefined;
}

/** A version to be said; accounts and public ids are the caller's to find. */
export interface NextVersion {
  readonly requested: Requested;
  readonly version: number;
  readonly startsMs: number;
  readonly endsMs: number | null;
  readonly rule: Rule;
  readonly base: readonly BasePart[];
}

const maxVersions = 10_000;

/** Refusals in order of precedence; `unchanged` when the newest version was asked for in the same words. */
export function nextVersion(row: PledgeRow, setting: Setting): NextVersion | 'unchanged' | Refusal {
  const { latest, merchant, source } = setting;
  if (merchant === undefined) return refuse.merchantUnknown;
  if (latest !== undefined && latest.merchant !== row.merchant) return refuse.merchantFixed;
  if (latest !== undefined && latest.asset !== row.currency) return refuse.currencyFixed;
  const requested = requestedOf(row);
  if (latest !== undefined && canonical(requested) === canonical(latest.requested)) return 'unchanged';
  if (!merchant.hasAgreement) return refuse.agreementMissing;
  if (!source.currencies.includes(row.currency)) return refuse.currencyNotOfSource;
  const problem = recipientProblem(row, setting.recipients);
  if (problem !== null) return problem;
  const startsMs = startMs(row, setting);
  const endsMs = row.endsAt === undefined ? null : endOf(row.endsAt, source.zone);
  if (endsMs !== null && endsMs <= startsMs) return refuse.endsBeforeStart;
  if (latest?.requested.imported === false && startsMs < setting.acceptedMs) return refuse.importedLate;
  const version = (latest?.version ?? 0) + 1;
  if (version > maxVersions) return refuse.tooManyVersions;
  return { requested, version, startsMs, endsMs, rule: ruleOf(row), base: [...source.base].sort() };
}

/** The whole content that decides whether a row says something new. Items are compared one by one. */
export function requestedOf({ items: _, ...row }: PledgeRow): Requested {
  return row;
}

/** A version never starts before it was accepted, unless it is imported history. */
function startMs(row: PledgeRow, { acceptedMs, source }: Setting): number {
  const asked = row.startsAt === undefined ? acceptedMs : startOf(row.startsAt, source.zone);
  return row.imported ? asked : Math.max(asked, acceptedMs);
}

function recipientProblem(row: PledgeRow, known: Setting['recipients']): Refusal | null {
  for (const [i, { recipient }] of row.recipients.entries()) {
    const found = known.get(recipient);
    if (found === undefined) return refuse.recipientUnknown(i);
    if (!found.assets.includes(row.currency)) return refuse.currencyNotTaken(i, row.currency);
  }
  return null;
}

function ruleOf({ basisPoints, fixedMinor, per }: PledgeRow): Rule {
  if (basisPoints !== undefined) return { basisPoints };
  return { fixed: fixedMinor as number, per: per as 'line' | 'unit' };
}

/** Who is named in a version, as the log knows them. */
export interface Named {
  readonly asset: string;
  readonly merchant: string;
  readonly pledge: string;
  /** `[account, weight]` in recipient order. */
  readonly recipients: readonly (readonly [account: number, weight: number])[];
}

/** The version as a `giving.terms` entry. */
export function termsEntry(next: NextVersion, { asset, merchant, pledge, recipients }: Named): GivingTerms {
  const { capMinor, imported } = next.requested;
  return {
    kind: 'giving.terms',
    asset,
    base: next.base,
    ...(capMinor === undefined ? {} : { cap: capMinor }),
    ...(next.requested.ended ? { ended: true } : {}),
    from: timeText(next.startsMs),
    ...(imported ? { imported: true } : {}),
    merchant,
    pledge,
    recipients,
    rule: next.rule,
    ...(next.endsMs === null ? {} : { until: timeText(next.endsMs) }),
    version: next.version,
  };
}

/** The version that ends a pledge now; null when it has ended already. Its rule is its predecessor's. */
export function endingVersion(
  latest: { readonly version: number; readonly requested: Requested; readonly entry: GivingTerms },
  acceptedMs: number,
): NextVersion | null {
  const { entry, requested, version } = latest;
  if (entry.ended || (entry.until !== undefined && Date.parse(entry.until) <= acceptedMs)) return null;
  return {
    requested: { ...requested, imported: false, ended: true },
    version: version + 1,
    startsMs: acceptedMs,
    endsMs: null,
    rule: entry.rule,
    base: entry.base,
  };
}

const refuse = {
  merchantUnknown: refusal('missing', 'merchant_unknown', 'there is no such merchant', '没有此商家', 'merchant'),
  merchantFixed: refusal(
    'conflict',
    'merchant_fixed',
    'this pledge is of another merchant; a pledge never changes its merchant',
    '此承诺属于另一商家，承诺所属商家不可更改',
    'merchant',
  ),
  currencyFixed: refusal(
    'conflict',
    'currency_fixed',
    'a pledge never changes its currency; make another pledge',
    '承诺的币种不可更改，请另建承诺',
    'currency',
  ),
  agreementMissing: refusal(
    'conflict',
    'agreement_missing',
    'no donation agreement of this merchant is on file',
    '该商家尚无捐赠协议备案',
    'merchant',
  ),
  currencyNotOfSource: refusal(
    'conflict',
    'currency_not_of_source',
    'this source does not report in this currency',
    '此来源（商城）不使用该币种',
    'currency',
  ),
  recipientUnknown: (i: number) =>
    refusal('missing', 'recipient_unknown', 'there is no such recipient', '没有此受赠方', `recipients[${i}].recipient`),
  currencyNotTaken: (i: number, currency: string) =>
    refusal(
      'conflict',
      'currency_not_taken',
      `this recipient does not take ${currency}`,
      `此受赠方不接受 ${currency}`,
      `recipients[${i}].recipient`,
    ),
  endsBeforeStart: refusal(
    'invalid',
    'ends_before_start',
    'the pledge would end before it starts; a version never starts before it is accepted',
    '承诺的结束早于开始；版本不会早于受理时间生效',
    'endsAt',
  ),
  importedLate: refusal(
    'conflict',
    'imported_late',
    'this pledge has a version that is not imported; imported history does not rewrite it',
    '该承诺已有非导入的版本，导入的历史不能追溯修改它',
    'imported',
  ),
  tooManyVersions: refusal(
    'exhausted',
    'too_many_versions',
    `a pledge has at most ${maxVersions} versions; make another pledge`,
    `一项承诺最多 ${maxVersions} 个版本，请另建承诺`,
    'pledge',
  ),
} as const;
