/** How far the published log is behind what was accepted, as the writer's process sees it; and whether that is too far to accept more. */
import { Fault } from '#base/fault';
import type { IntegrationState } from './follow.ts';
import type { Behind } from './questions.ts';

export interface BacklogBounds {
  readonly entries: number;
  /** Well below the time that promises name. */
  readonly seconds: number;
}

export const defaultBounds: BacklogBounds = { entries: 1_000_000, seconds: 15 };

/** Commits closer together than this count as one. */
const grainMs = 100;

export class Backlog {
  readonly #bounds: BacklogBounds;
  /** Heads not yet published, and when the first entry below each was committed. */
  #waiting: { head: number; at: number }[] = [];
  #head = 0;
  #size = 0;

  constructor(bounds: BacklogBounds = defaultBounds) {
    this.#bounds = bounds;
  }

  /** @param at milliseconds since 1970 */
  committed(head: number, at: number): void {
    this.#head = Math.max(this.#head, head);
    const last = this.#waiting.at(-1);
    if (last !== undefined && at - last.at < grainMs) last.head = this.#head;
    else if (this.#head > this.#size) this.#waiting.push({ head: this.#head, at });
  }

  published(size: number): void {
    this.#size = Math.max(this.#size, size);
    const first = this.#waiting.findIndex(({ head }) => head > this.#size);
    this.#waiting.splice(0, first < 0 ? this.#waiting.length : first);
  }

  behind(now: number): Behind {
    const oldest = this.#waiting[0];
    return {
      entries: Math.max(0, this.#head - this.#size),
      seconds: oldest === undefined ? 0 : Math.max(0, (now - oldest.at) / 1000),
    };
  }

  /**
   * Why nothing more should be accepted now, or null. Until integration has checked once that this database is not older than what is
   * published, nothing is accepted at all.
   */
  pressure(state: IntegrationState, checked: boolean, now: number): Fault | null {
    const { condition, reason, detail } = state;
    if (condition === 'stopped') {
      return new Fault('log_stopped', `the log has stopped (${reason}): ${detail}`, { retryAfterSeconds: 60 });
    }
    if (!checked) {
      const why = reason === null ? '' : ` (${reason}: ${detail})`;
      return new Fault('log_starting', `the log has not been checked yet${why}`, { retryAfterSeconds: 1 });
    }
    const { entries, seconds } = this.behind(now);
    if (entries < this.#bounds.entries && seconds < this.#bounds.seconds) return null;
    const why = condition === 'paused' ? `: ${reason}, ${detail}` : '';
    return new Fault('log_behind', `the log is ${entries} entries and ${seconds.toFixed(1)} s behind${why}`, {
      retryAfterSeconds: 2,
    });
  }
}
