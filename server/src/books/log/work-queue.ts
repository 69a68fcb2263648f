/** Works that wait for a book's writer, in the order in which they came. */
import type { Receipt, Work } from './work.ts';

export interface Waiting {
  readonly work: Work;
  resolve(receipt: Receipt<never>): void;
  reject(error: unknown): void;
}

export class WorkQueue {
  #waiting: Waiting[] = [];
  #events = 0;

  /** Events in all that waits. */
  get events(): number {
    return this.#events;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#events += waiting.work.size;
  }

  /** What goes into one batch: at most `most` events, but one work at least; a work that takes a batch of its own goes alone. */
  take(most: number): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { work } of this.#waiting) {
      if (count > 0 && (work.alone || size + work.size > most)) break;
      size += work.size;
      count++;
      if (work.alone) break;
    }
    this.#events -= size;
    return this.#waiting.splice(0, count);
  }

  takeAll(): Waiting[] {
    this.#events = 0;
    return this.#waiting.splice(0);
  }

  /** Before all others. */
  putBack(works: readonly Waiting[]): void {
    this.#waiting.unshift(...works);
    for (const { work } of works) this.#events += work.size;
  }
}
