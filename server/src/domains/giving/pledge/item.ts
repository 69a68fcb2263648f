/** Whether saying that an item carries a pledge changes anything, and from when. Pure. */
import { type Refusal, refusal } from '#base/refusal';
import { countPoints, type Period, periodAt, pointAt } from './periods.ts';

/** Points in time of one item; more is a mistake of the sender. */
export const maxPoints = 1_000;

/** From when: `exact` when the sender named a time that still lies ahead, or behind for imported history. */
export interface Since {
  readonly fromMs: number;
  readonly exact: boolean;
}

/**
 * `set` when a point at `since.fromMs` is needed. A time that was named exactly needs its own point, so that the order in which a schedule is
 * sent does not matter; from now on, what the item carries already is not said again.
 */
export function judgeItem<P>(newest: Period<P> | null, pledge: P | null, since: Since): 'unchanged' | 'set' | Refusal {
  const point = pointAt(newest, since.fromMs);
  if (point === pledge) return 'unchanged';
  if (!since.exact && (periodAt(newest, since.fromMs)?.pledge ?? null) === pledge) return 'unchanged';
  return point === undefined && countPoints(newest) >= maxPoints ? tooManyPoints : 'set';
}

/**
 * Whether imported history would take the item, from a time that has passed, away from a pledge that was public then.
 * @param isLive whether a pledge is more than imported history
 */
export function rewritesLive<P>(
  newest: Period<P> | null,
  pledge: P | null,
  fromMs: number,
  acceptedMs: number,
  isLive: (pledge: P) => boolean,
): boolean {
  if (fromMs >= acceptedMs) return false;
  for (let period = newest; period !== null; period = period.before) {
    if (period.pledge !== null && period.pledge !== pledge && isLive(period.pledge)) return true;
    if (period.fromMs <= fromMs) return false;
  }
  return false;
}

export const carriesLivePledge = refusal(
  'conflict',
  'item_carries_pledge',
  'the item carried a live pledge in that time; imported history does not replace it',
  '该商品在此期间已有生效的承诺，导入的历史不能取代它',
  'item',
);

const tooManyPoints = refusal(
  'exhausted',
  'too_many_changes',
  `one item may change its pledge at most ${maxPoints} times`,
  `同一商品最多变更承诺 ${maxPoints} 次`,
  'item',
);
