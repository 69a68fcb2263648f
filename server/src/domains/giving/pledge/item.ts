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

const tooManyPoints = refusal(
  'exhausted',
  'too_many_changes',
  `one item may change its pledge at most ${maxPoints} times`,
  `同一商品最多变更承诺 ${maxPoints} 次`,
  'item',
);
