/** The part of fsck that reads rows: batches that are still kept must say what the tiles say, and reach the head without a gap. */
import { equalBytes, hashBytes, leafHash, openBundle, tilePath, tileWidth } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { BookRow } from '../head-store.ts';
import { readBatches, readState, type StoredBatch } from '../integration/integration-store.ts';
import type { LogFiles } from '../log-files.ts';

interface Place {
  readonly book: BookRow;
  readonly files: LogFiles;
  readonly client: ClientBase;
}

const limits = { maxRows: 1000, maxBytes: 16 * 1024 * 1024 };

/** @param size up to where the tiles are sound. Returns how many rows it read. */
export async function checkRows(
  { book, files, client }: Place,
  size: number,
  found: (place: string, words: string) => void,
): Promise<number> {
  const bundles = new BundleReader(files, size);
  // Before the rows: a server that runs meanwhile adds more of them, and may drop those that the tiles hold.
  const head = (await readState(client, book.bookId))?.head ?? 0;
  let rows = 0;
  let next: number | null = null;
  for (;;) {
    const batches = await readBatches(client, book.bookId, next ?? 0, limits);
    if (batches.length === 0) break;
    for (const batch of batches) {
      const place = `log.batch ${batch.first} of book ${book.book}`;
      if (next !== null && (batch.first < next || batch.first > Math.max(next, size)))
        found(place, `begins at ${batch.first}, the row before ends at ${next}`);
      const words = await checkBatch(batch, size, bundles);
      if (words !== null) found(place, words);
      next = batch.next;
      rows++;
    }
  }
  const reached = Math.max(next ?? 0, size);
  if (reached < head) found(`log.batch of book ${book.book}`, `no row holds entry ${reached}, and the head is ${head}`);
  return rows;
}

async function checkBatch(batch: StoredBatch, size: number, bundles: BundleReader): Promise<string | null> {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < batch.entries.length; ) {
    const end = at + 2 + (batch.entries.length - at > 1 ? batch.entries.readUInt16BE(at) : 65_536);
    if (end > batch.entries.length) return `entry ${batch.first + entries.length} is cut off`;
    entries.push(batch.entries.subarray(at + 2, end));
    at = end;
  }
  if (entries.length !== batch.next - batch.first)
    return `holds ${entries.length} entries, not ${batch.next - batch.first}`;
  for (const [i, entry] of entries.entries()) {
    const index = batch.first + i;
    if (index >= size) break;
    if (!(await bundles.agrees(index, entry))) return `entry ${index} is not what the log has there`;
  }
  return null;
}

class BundleReader {
  readonly #files: LogFiles;
  readonly #size: number;
  #n = -1;
  #entries: Uint8Array[] = [];

  constructor(files: LogFiles, size: number) {
    this.#files = files;
    this.#size = size;
  }

  /** Whether the log has this entry at `index`, by its bundle or, where that is damaged, by its tile. True where neither can be read. */
  async agrees(index: number, entry: Uint8Array): Promise<boolean> {
    const logged = (await this.#bundle(Math.floor(index / tileWidth)))[index % tileWidth];
    if (logged !== undefined && equalBytes(logged, entry)) return true;
    const tile = await this.#read(0, Math.floor(index / tileWidth));
    if (tile === null) return logged === undefined;
    const at = (index % tileWidth) * hashBytes;
    return equalBytes(leafHash(entry), tile.subarray(at, at + hashBytes));
  }

  async #bundle(n: number): Promise<Uint8Array[]> {
    if (n !== this.#n) {
      const bytes = await this.#read('entries', n);
      this.#n = n;
      this.#entries = bytes === null ? [] : opened(bytes);
    }
    return this.#entries;
  }

  async #read(level: 0 | 'entries', n: number): Promise<Uint8Array | null> {
    const width = Math.min(tileWidth, this.#size - n * tileWidth);
    return (await this.#files.read(tilePath(level, n, width))) ?? (await this.#files.read(tilePath(level, n)));
  }
}

function opened(bytes: Uint8Array): Uint8Array[] {
  try {
    return openBundle(bytes);
  } catch {
    return [];
  }
}
