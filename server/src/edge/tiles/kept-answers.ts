/** Bytes of answers kept in memory: reading a file costs twice what sending it does, packing a bundle ten times, and the newest are asked for again and again. */

/** Only for what never changes. */
export class KeptAnswers {
  readonly #mostBytes: number;
  /** The one used longest ago first. */
  readonly #kept = new Map<string, Uint8Array>();
  readonly #making = new Map<string, Promise<Uint8Array | null>>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whoever asks while one is being made waits for the same. @param make null when there is none; that is not kept */
  async get(key: string, make: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#make(key, make).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return await making;
  }

  async #make(key: string, make: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const made = await make();
    if (made === null) return null;
    this.#kept.set(key, made);
    this.#bytes += made.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= length;
    }
    return made;
  }
}
