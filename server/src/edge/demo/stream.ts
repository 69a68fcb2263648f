/** The gentle, endless stream: each second the orders that completed in it, until it is stopped. What could not be sent is sent again, unchanged. */
import { type OrderEventInput, RequestRefused, type RivuletClient } from '@rivulet/client';
import { arrivals, ordersPerSecond } from './day-rhythm.ts';
import type { Shoppers } from './shoppers.ts';

export interface StreamOptions {
  readonly client: RivuletClient;
  readonly shoppers: Shoppers;
  /** Orders a second, over the day. */
  readonly mean: number;
  readonly now: () => number;
  readonly random: () => number;
  /** Orders to begin with, so that a first visitor finds something. */
  readonly burst: number;
  readonly report: (error: unknown) => void;
}

const everyMs = 1_000;
/** A pause of the machine is not made up for. */
const longestGapMs = 5_000;
const mostOrders = 25;
/** Promises are kept until a checkpoint covers them; they must not pile up. */
const checkEvery = 30;

export class OrderStream {
  readonly #options: StreamOptions;
  readonly #stop = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #stopped = false;
  /** Orders sent so far. */
  sent = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Waits for what is on its way, no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stop.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { burst, mean, now, random, shoppers } = this.#options;
    let last = now();
    let pending: OrderEventInput[] = burst > 0 ? shoppers.next(burst, last) : [];
    for (let round = 1; !this.#stopped; round++) {
      if (pending.length > 0 && (await this.#send(pending))) pending = [];
      if (round % checkEvery === 0) await this.#checkPromises();
      await this.#pause();
      if (pending.length > 0 || this.#stopped) continue;
      const at = now();
      const seconds = Math.min(Math.max(at - last, 0), longestGapMs) / 1_000;
      last = at;
      pending = shoppers.next(Math.min(mostOrders, arrivals(ordersPerSecond(at, mean) * seconds, random)), at);
    }
  }

  /** True when the events need not be sent again. */
  async #send(events: readonly OrderEventInput[]): Promise<boolean> {
    try {
      await this.#options.client.sendOrders(events);
      this.sent += events.length;
      return true;
    } catch (error) {
      if (!this.#stopped) this.#options.report(error);
      // Refused whole, it would be refused again.
      return error instanceof RequestRefused;
    }
  }

  async #checkPromises(): Promise<void> {
    try {
      await this.#options.client.checkPromises();
    } catch (error) {
      if (!this.#stopped) this.#options.report(error);
    }
  }

  async #pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const second = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, everyMs);
    });
    await Promise.race([second, this.#stop.promise]);
    clearTimeout(timer);
  }
}
