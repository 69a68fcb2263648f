/** How far the published log is behind what was accepted: watched from outside, by checkpoint and promises. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseCheckpoint } from '@rivulet/verifier';

interface Point {
  readonly at: number;
  readonly size: number;
}

/** Reads the published size every 100 ms until `stop`. */
export class LogDelay {
  readonly #checkpoint: string;
  readonly #published: Point[] = [];
  #running = true;
  readonly #loop: Promise<void>;

  constructor(url: string) {
    this.#checkpoint = `${url}/log/checkpoint`;
    this.#loop = this.#watch();
  }

  async #watch(): Promise<void> {
    while (this.#running) {
      const response = await fetch(this.#checkpoint);
      if (response.ok)
        this.#published.push({ at: performance.now(), size: parseCheckpoint(await response.text()).size });
      await pause(100);
    }
  }

  /** Waits until the log covers `size`, then ends. @returns seconds waited */
  async caughtUp(size: number, patienceMs = 60_000): Promise<number> {
    const start = performance.now();
    while ((this.#published.at(-1)?.size ?? 0) < size) {
      if (performance.now() - start > patienceMs) throw new Error(`the log does not reach ${size}`);
      await pause(50);
    }
    this.#running = false;
    await this.#loop;
    return (performance.now() - start) / 1_000;
  }

  /** The longest time between an answer and the first checkpoint seen that covers it, in seconds. @param answered size promised, when */
  longest(answered: readonly Point[]): number {
    let longest = 0;
    for (const { at, size } of answered) {
      const seen = this.#published.find((point) => point.size >= size);
      if (seen !== undefined) longest = Math.max(longest, seen.at - at);
    }
    return longest / 1_000;
  }
}

/** The size that an answer's promise speaks of; 0 without one. The promise is among the last things in the answer. */
export function promisedSize(pieces: readonly Buffer[]): number {
  const tail = Buffer.concat(pieces.slice(-2)).toString('latin1').slice(-2_000);
  const range = /rivulet-promise\/v1\\n[^\\]+\\n\d+ (\d+)\\n/.exec(tail);
  return range === null ? 0 : Number(range[1]) + 1;
}
