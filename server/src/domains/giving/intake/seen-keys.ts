/**
 * Which lines and buyers a book may know already. Nearly every line that comes is new, and for a new one the database need not be asked. The filter is
 * filled in the background after this process has taken the book over; until it is whole, every key may be known.
 */
import type { Readable } from 'node:stream';
import { setImmediate as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { KeyFilter } from '#base/bytes/key-filter';
import { copyOutKeys } from './store.ts';

/** PostgreSQL's binary COPY: a header of 19 bytes, then per row a field count, a length, and the key. */
const headerBytes = 19;
const rowBytes = 2 + 4 + 16;

export class SeenKeys {
  readonly #pool: Pool;
  readonly #bookId: number;
  #filter = new KeyFilter();
  #isWhole = false;
  #filling: { stopped: boolean } | null = null;

  constructor(pool: Pool, bookId: number) {
    this.#pool = pool;
    this.#bookId = bookId;
  }

  /** False only for a key that was never written. */
  has(key: string): boolean {
    return !this.#isWhole || this.#filter.has(key);
  }

  add(key: string): void {
    this.#filter.add(key);
  }

  /** How much memory it takes, and whether it is whole. */
  get state(): { bytes: number; isWhole: boolean } {
    return { bytes: this.#filter.bytes, isWhole: this.#isWhole };
  }

  /** Begins anew: another process may have written the book since. What is added from now on is added; the rest comes from the database. */
  refill(): void {
    this.stop();
    this.#isWhole = false;
    const filter = new KeyFilter();
    this.#filter = filter;
    const filling = { stopped: false };
    this.#filling = filling;
    this.#fill(filter, filling).then(
      (whole) => {
        if (whole && this.#filter === filter) this.#isWhole = true;
      },
      // Without it every line is looked up: slower, and right. The next takeover tries again.
      () => {},
    );
  }

  stop(): void {
    if (this.#filling !== null) this.#filling.stopped = true;
    this.#filling = null;
  }

  async #fill(filter: KeyFilter, filling: { stopped: boolean }): Promise<boolean> {
    const client = await this.#pool.connect();
    try {
      for await (const stream of copyOutKeys(client, this.#bookId)) await addAll(filter, stream, filling);
    } catch (error) {
      client.release(true);
      throw error;
    }
    release(client, filling);
    return !filling.stopped;
  }
}

/** A connection in the middle of a COPY is of no use to the next. */
function release(client: PoolClient, { stopped }: { stopped: boolean }): void {
  client.release(stopped);
}

async function addAll(filter: KeyFilter, stream: Readable, filling: { stopped: boolean }): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let skip = headerBytes;
  for await (const chunk of stream) {
    if (filling.stopped) return;
    let bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (skip > 0 && bytes.length >= skip) {
      bytes = bytes.subarray(skip);
      skip = 0;
    }
    let at = 0;
    if (skip === 0) for (; at + rowBytes <= bytes.length; at += rowBytes) filter.addBytes(bytes, at + 6);
    rest = bytes.subarray(at);
    await pause();
  }
}
