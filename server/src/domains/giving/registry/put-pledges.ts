/** Pledges are made and changed: each change is the next version, an entry in the log. */
import { type PledgeAnswer, PledgeRow } from '@rivulet/client/contract';
import { type GivingTerms, merchantAccount, promisedAccount } from '@rivulet/verifier';
import { assert } from '#base/assert';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import type { GivingBook } from '../book.ts';
import { currencyScale } from '../pledge/currency.ts';
import { judgeItem } from '../pledge/item.ts';
import { timeText } from '../pledge/moment.ts';
import { endingVersion, type NextVersion, nextVersion, type Setting, termsEntry } from '../pledge/pledge.ts';
import { type Parties, type Pledge, type Terms, termsOf } from '../pledge/terms.ts';
import type { Draft } from './draft.ts';
import { judgeCarried } from './put-items.ts';
import { type Language, type Put, putRows } from './put-rows.ts';
import { RegistryWork } from './registry.ts';
import { sayRecipient } from './say-recipient.ts';
import type { MerchantRow } from './store.ts';

export interface Said {
  readonly pledge: string;
  readonly publicId: string;
  readonly version: number;
  readonly termsIndex: number;
  readonly startsAt: string;
}

/** Durable on return. */
export async function putPledges(
  held: GivingBook,
  source: string,
  rows: readonly unknown[],
  language: Language,
): Promise<PledgeAnswer> {
  return (await putRows(held, source, rows, language, {
    schema: PledgeRow,
    weight: (row) => 1 + (row.items?.length ?? 0),
    needs: (part) => ({
      merchants: part.map(({ merchant }) => merchant),
      pledges: part.map(({ pledge }) => pledge),
      recipients: part.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient)),
      promises: part.flatMap(({ merchant, recipients }) =>
        recipients.map(({ recipient }) => [merchant, recipient] as const),
      ),
    }),
    put: (draft, row) => putPledge(draft, source, row),
  })) as PledgeAnswer;
}

/** Ends a pledge now; `unchanged` when it has ended. Durable on return. Refuses with `pledge_unknown`. */
export async function endPledge(held: GivingBook, source: string, id: string): Promise<Put<Said> | Refusal> {
  const work = new RegistryWork(held.registry, source, 1, { pledges: [id] }, (draft) => end(draft, source, id));
  return (await held.writer.submit(work)).result;
}

function putPledge(draft: Draft, source: string, row: PledgeRow): Put<Said> | Refusal {
  const before = draft.pledge(source, row.pledge);
  const setting = settingOf(draft, source, row, before);
  if (isRefusal(setting)) return setting;
  const next = nextVersion(row, setting);
  if (isRefusal(next)) return next;
  const merchant = draft.merchant(source, row.merchant);
  assert(merchant !== undefined, 'a pledge without a merchant is refused');
  const pledge = before ?? newPledge(draft, source, row);
  const full = itemsObjection(draft, pledge, row, next === 'unchanged' ? null : next.startsMs);
  if (full !== null) return full;
  if (next !== 'unchanged') sayVersion(draft, pledge, merchant, next);
  const changedItems = setItems(draft, pledge, row);
  if (next !== 'unchanged') return answer(draft, pledge, before === undefined ? 'created' : 'changed');
  return answer(draft, pledge, changedItems ? 'changed' : 'unchanged');
}

function settingOf(draft: Draft, source: string, row: PledgeRow, pledge: Pledge | undefined): Setting | Refusal {
  const facts = draft.source(source);
  if (facts === undefined) return sourceUnknown;
  const merchant = draft.merchant(source, row.merchant);
  const latest = draft.latest(source, row.pledge);
  const recipients = new Map(
    row.recipients.flatMap(({ recipient }) => {
      const found = draft.recipient(recipient);
      return found === undefined ? [] : [[recipient, found] as const];
    }),
  );
  return {
    acceptedMs: draft.acceptedMs,
    source: facts,
    merchant: merchant && { hasAgreement: merchant.agreement !== null },
    recipients,
    latest:
      pledge && latest
        ? {
            merchant: pledge.merchant,
            asset: latest.entry.asset,
            version: latest.entry.version,
            requested: latest.requested,
          }
        : undefined,
  };
}

function newPledge(draft: Draft, source: string, { pledge, merchant }: PledgeRow): Pledge {
  return { source, pledge, publicId: draft.newPublicId(), merchant, running: { gross: 0 }, versions: [] };
}

/** Says what the version names that the log does not know yet, then the version. */
function sayVersion(draft: Draft, pledge: Pledge, merchant: MerchantRow, next: NextVersion): void {
  const asset = next.requested.currency;
  const posting = draft.posting();
  posting.asset(asset, currencyScale(asset));
  const shares = next.requested.recipients.map(({ recipient, weight }) => {
    const row = draft.recipient(recipient);
    assert(row !== undefined, 'an unknown recipient is refused');
    sayRecipient(draft, row);
    const account = posting.account(asset, promisedAccount(merchant.publicId, row.publicId));
    return { publicId: row.publicId, account, weight };
  });
  const fromAccount = posting.account(asset, merchantAccount(merchant.publicId), true);
  append(draft, pledge, merchant.publicId, next, { fromAccount, shares });
}

function append(draft: Draft, pledge: Pledge, merchant: string, next: NextVersion, parties: Parties): void {
  const recipients = parties.shares.map(({ account, weight }) => [account, weight] as const);
  const named = { asset: next.requested.currency, merchant, pledge: pledge.publicId, recipients };
  const entry: GivingTerms = termsEntry(next, named);
  const index = draft.say(entry);
  const { startsMs, endsMs, version, requested } = next;
  const { source, pledge: id } = pledge;
  const row = { bookId: draft.bookId, index, source, pledge: id, version, requested, entry, startsMs, endsMs };
  const terms = termsOf(draft.bookId, index, pledge, entry, parties);
  const before = draft.latestTerms(pledge);
  if (before === undefined) draft.putPledge(pledge);
  else if (endOfFeed(before) !== endOfFeed(terms) || terms.startsMs < before.startsMs) draft.renewFeed(pledge);
  draft.putTerms(pledge, row, terms);
}

/** Until when the feed tells of the pledge's items. */
function endOfFeed({ ended, endsMs, startsMs }: Terms): number | null {
  return ended ? startsMs : endsMs;
}

function end(draft: Draft, source: string, id: string): Put<Said> | Refusal {
  const pledge = draft.pledge(source, id);
  const latest = draft.latest(source, id);
  const terms = pledge && draft.latestTerms(pledge);
  if (pledge === undefined || latest === undefined || terms === undefined) return pledgeUnknown;
  const { entry, requested } = latest;
  const next = endingVersion({ version: entry.version, requested, entry }, draft.acceptedMs);
  if (next === null) return answer(draft, pledge, 'unchanged');
  const { fromAccount, recipients: shares } = terms;
  append(draft, pledge, entry.merchant, next, { fromAccount, shares });
  return answer(draft, pledge, 'changed');
}

/** Items carry the pledge from its start: of the version just said, or of the newest. */
function itemsFrom(draft: Draft, startsMs: number, imported: boolean): number {
  return imported ? startsMs : Math.max(startsMs, draft.acceptedMs);
}

function itemsObjection(draft: Draft, pledge: Pledge, row: PledgeRow, startsMs: number | null): Refusal | null {
  const start = startsMs ?? draft.latestTerms(pledge)?.startsMs ?? draft.acceptedMs;
  const fromMs = itemsFrom(draft, start, row.imported);
  for (const [i, item] of (row.items ?? []).entries()) {
    const judged = judgeCarried(draft, row.merchant, item, pledge, { fromMs, exact: false }, pledge.source);
    if (isRefusal(judged)) return { ...judged, field: `items[${i}]` };
  }
  return null;
}

/** Returns whether any item changed. */
function setItems(draft: Draft, pledge: Pledge, { items = [], imported, merchant }: PledgeRow): boolean {
  const terms = draft.latestTerms(pledge) as Terms;
  const fromMs = itemsFrom(draft, terms.startsMs, imported);
  let changed = false;
  for (const item of items) {
    const periods = draft.periods(pledge.source, merchant, item);
    if (judgeItem(periods, pledge, { fromMs, exact: false }) !== 'set') continue;
    draft.putPoint(pledge.source, merchant, item, fromMs, pledge);
    changed = true;
  }
  return changed;
}

function answer(draft: Draft, pledge: Pledge, outcome: Put<Said>['outcome']): Put<Said> {
  const { version, index, startsMs } = draft.latestTerms(pledge) as Terms;
  const { pledge: id, publicId } = pledge;
  return { outcome, pledge: id, publicId, version, termsIndex: index, startsAt: timeText(startsMs) };
}

const sourceUnknown = refusal('missing', 'source_unknown', 'there is no such source', '没有此来源（商城）');
const pledgeUnknown = refusal('missing', 'pledge_unknown', 'there is no such pledge', '没有此承诺');
