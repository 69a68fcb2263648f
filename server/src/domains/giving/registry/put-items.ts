/** Which pledge an item carries from when. An item carries one pledge at a time. */
import { type ItemAnswer, ItemRow } from '@rivulet/client/contract';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import type { GivingBook } from '../book.ts';
import { carriesLivePledge, judgeItem, rewritesLive, type Since } from '../pledge/item.ts';
import { startOf } from '../pledge/moment.ts';
import type { Pledge } from '../pledge/terms.ts';
import type { Draft } from './draft.ts';
import { type Language, type Put, putRows } from './put-rows.ts';

interface Said {
  readonly merchant: string;
  readonly item: string;
}

/** Durable on return. */
export async function putItems(
  held: GivingBook,
  source: string,
  rows: readonly unknown[],
  language: Language,
): Promise<ItemAnswer> {
  return (await putRows(held, source, rows, language, {
    schema: ItemRow,
    needs: (part) => ({ merchants: part.map(({ merchant }) => merchant) }),
    put: (draft, row) => putItem(draft, source, row),
  })) as ItemAnswer;
}

function putItem(draft: Draft, source: string, row: ItemRow): Put<Said> | Refusal {
  const { merchant, item } = row;
  const facts = draft.source(source);
  if (facts === undefined || draft.merchant(source, merchant) === undefined) return merchantUnknown;
  const pledge = row.pledge === null ? null : draft.pledge(source, row.pledge);
  if (pledge === undefined) return pledgeUnknown;
  if (pledge !== null && pledge.merchant !== merchant) return merchantDiffers;
  const since = sinceWhen(draft, row, facts.zone, pledge);
  const judged = judgeCarried(draft, merchant, item, pledge, since, source);
  if (isRefusal(judged)) return judged;
  const outcome = draft.periods(source, merchant, item) === null ? 'created' : 'changed';
  if (judged === 'unchanged') return { outcome: 'unchanged', merchant, item };
  draft.putPoint(source, merchant, item, since.fromMs, pledge);
  return { outcome, merchant, item };
}

/** As judgeItem, and refused where imported history would rewrite what was public. */
export function judgeCarried(
  draft: Draft,
  merchant: string,
  item: string,
  pledge: Pledge | null,
  since: Since,
  source: string,
): 'unchanged' | 'set' | Refusal {
  const periods = draft.periods(source, merchant, item);
  const judged = judgeItem(periods, pledge, since);
  const isLive = (carried: Pledge) =>
    carried.versions.some(({ imported }) => !imported) || draft.latestTerms(carried)?.imported === false;
  if (judged === 'set' && rewritesLive(periods, pledge, since.fromMs, draft.acceptedMs, isLive))
    return carriesLivePledge;
  return judged;
}

/** Only items of imported history may carry their pledge from a time that has passed. */
function sinceWhen(draft: Draft, { startsAt }: ItemRow, zone: string, pledge: Pledge | null): Since {
  const terms = pledge === null ? undefined : draft.latestTerms(pledge);
  const imported = terms?.imported ?? false;
  if (startsAt === undefined) return { fromMs: imported && terms ? terms.startsMs : draft.acceptedMs, exact: false };
  const asked = startOf(startsAt, zone);
  if (imported || asked > draft.acceptedMs) return { fromMs: asked, exact: true };
  return { fromMs: draft.acceptedMs, exact: false };
}

const merchantUnknown = refusal('missing', 'merchant_unknown', 'there is no such merchant', '没有此商家', 'merchant');
const pledgeUnknown = refusal('missing', 'pledge_unknown', 'there is no such pledge', '没有此承诺', 'pledge');
const merchantDiffers = refusal(
  'conflict',
  'merchant_differs',
  'this pledge is of another merchant',
  '此承诺属于另一商家',
  'pledge',
);
