/** Worlds in which one external write of the log fails. */
import type { FaultPoint, FaultPoints } from '#books/log';

/** What a test throws in place of the world. */
export class WriteFailed extends Error {
  override name = 'WriteFailed';
}

/** Fails the `nth` time that `point` is reached, `before` (lost) or `after` (done, reported as failed); never again. */
export function failOnce(point: FaultPoint, when: 'before' | 'after', nth = 1): FaultPoints & { failed(): boolean } {
  let left = nth;
  return {
    reach(at, side) {
      if (at === point && side === when && --left === 0) throw new WriteFailed(`${point}, ${when}`);
    },
    failed: () => left <= 0,
  };
}

/** Fails each write with the given probability, either side. */
export function failSometimes(random: () => number, probability: number): FaultPoints {
  return {
    reach(point, when) {
      if (random() < probability) throw new WriteFailed(`${point}, ${when}`);
    },
  };
}
