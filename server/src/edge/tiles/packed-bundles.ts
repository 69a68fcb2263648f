/** Bundles as gzip, kept in memory: packing one costs more than reading and sending it, and the newest are read again and again. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
/** Hashes do not pack: level 5 takes half as long again and saves 2 % (a bundle of 30,685 bytes: 13,317 and 12,995). */
const level = 3;

/** Only of full bundles, which never change. */
export class PackedBundles {
  readonly #mostBytes: number;
  /** The one used longest ago first. */
  readonly #kept = new Map<string, Uint8Array>();
  readonly #packing = new Map<string, Promise<Uint8Array | null>>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whoever asks for one while it is being packed waits for the same. @param read the bundle; null when there is none */
  async pack(key: string, read: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    let packing = this.#packing.get(key);
    if (packing === undefined) {
      packing = this.#make(key, read).finally(() => this.#packing.delete(key));
      this.#packing.set(key, packing);
    }
    return await packing;
  }

  async #make(key: string, read: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const bytes = await read();
    if (bytes === null) return null;
    const made = await packed(bytes);
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

export async function packed(bytes: Uint8Array): Promise<Uint8Array> {
  return await compress(bytes, { level });
}
