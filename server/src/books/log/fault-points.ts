/** Places where the world may fail, for tests: each external write of the log passes `before` (the write is lost) and `after` (it is done, but reported as failed). */

export const faultPoints = [
  'tile.write',
  'tile.link',
  'tile.folder',
  'signed.swap',
  'guard.write',
  'checkpoint.publish',
  'batch.prune',
  'partial.sweep',
] as const;

export type FaultPoint = (typeof faultPoints)[number];

export interface FaultPoints {
  /** Throws to make the write fail. */
  reach(point: FaultPoint, when: 'before' | 'after'): void;
}

/** Nothing fails but what fails by itself. */
export const noFaults: FaultPoints = { reach() {} };
