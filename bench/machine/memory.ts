/** Memory of a process, from /proc. Linux only. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface Memory {
  readonly residentMiB: number;
  /** The most it ever was. */
  readonly peakMiB: number;
}

/** @returns null where there is no /proc, or no such process */
export async function memoryOf(pid: number): Promise<Memory | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  const [now, peak] = [kibibytes('VmRSS'), kibibytes('VmHWM')];
  return Number.isNaN(now) ? null : { residentMiB: Math.round(now / 1_024), peakMiB: Math.round(peak / 1_024) };
}

/** Looks again and again until `stop`. */
export class Watch<T> {
  readonly seen: { readonly atSeconds: number; readonly value: T }[] = [];
  readonly #start = performance.now();
  readonly #loop: Promise<void>;
  #running = true;

  constructor(everyMs: number, look: () => Promise<T | null>) {
    this.#loop = this.#run(everyMs, look);
  }

  async #run(everyMs: number, look: () => Promise<T | null>): Promise<void> {
    while (this.#running) {
      const value = await look().catch(() => null);
      if (value !== null) this.seen.push({ atSeconds: (performance.now() - this.#start) / 1_000, value });
      await pause(everyMs);
    }
  }

  async stop(): Promise<typeof this.seen> {
    this.#running = false;
    await this.#loop;
    return this.seen;
  }
}
