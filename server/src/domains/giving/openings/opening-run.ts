/** Openings on their way into the database and out of it: up to 256 texts packed in a row, as Zstandard. They are much alike, and a text takes some 25 bytes. */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib';
import { assert } from '#base/assert';
import { BinaryRows } from '#base/bytes/binary-rows';
import { ByteText } from '#base/bytes/byte-text';
import { runsOf } from '#base/bytes/runs';

const compressAside = promisify(zstdCompress);
/** Below this a hop to another thread and back takes longer than the work. */
const worthAThread = 8 * 1024;
const decompress = promisify(zstdDecompress);
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const tagBytes = 4;
const noTag = '\0'.repeat(tagBytes);
/** 256 of the largest opening there can be. */
const mostBytes = 256 * 16 * 1024;

async function compress(bytes: Buffer): Promise<Buffer> {
  return bytes.length < worthAThread ? zstdCompressSync(bytes, fast) : await compressAside(bytes, fast);
}

/** How a person's openings are marked, so that few rows need to be opened to find them. @param person HMAC-128, a binary string */
export function tagOf(person: string): string {
  return person.slice(0, tagBytes);
}

/** One of a packed run. */
export interface PackedOpening {
  readonly index: number;
  readonly tag: string;
  /** The secret of a gift without a buyer, else empty. */
  readonly own: string;
  readonly text: string;
}

/** A row as it is stored. */
export interface OpeningRun {
  readonly first: number;
  readonly at: readonly number[];
  readonly tags: Buffer;
  readonly own: readonly string[] | null;
  readonly texts: Buffer;
}

/** Openings of one batch, collected in log order. The texts hold no line end: they are canonical JSON. */
export class OpeningColumns {
  readonly #index: number[] = [];
  readonly #tags: string[] = [];
  readonly #own: string[] = [];
  readonly #texts = new ByteText(64 * 1024);
  /** Where each text ends, its line end included. */
  readonly #ends: number[] = [];

  /** @param person HMAC-128 of the buyer, or null @param own the secret of a gift without a buyer, else empty */
  add(index: number, person: string | null, own: string, text: Uint8Array): void {
    this.#index.push(index);
    this.#tags.push(person === null ? noTag : tagOf(person));
    this.#own.push(own);
    this.#texts.copy(text, 0, text.length).byte(0x0a);
    this.#ends.push(this.#texts.length);
  }

  /** Rows of giving.opening_run. @param aloneBelow entries below this are written one by one: their neighbours may come later */
  async packed(bookId: number, aloneBelow: number): Promise<BinaryRows> {
    const runs = [...runsOf(this.#index, aloneBelow)];
    const texts = await Promise.all(runs.map(([from, to]) => compress(this.#textsOf(from, to))));
    this.#texts.release();
    const rows = new BinaryRows();
    runs.forEach(([from, to], i) => {
      const own = this.#own.slice(from, to);
      const first = this.#index[from] as number;
      rows.row(7);
      rows.int4(bookId);
      rows.int8(first);
      rows.int8((this.#index[to - 1] as number) + 1);
      rows.int2s(this.#index, from, to, first);
      rows.binary(this.#tags.slice(from, to).join(''));
      if (own.every((secret) => secret === '')) rows.null();
      else rows.texts(own);
      rows.bytes(texts[i] as Buffer);
    });
    return rows;
  }

  #textsOf(from: number, to: number): Buffer {
    return this.#texts.bytes.subarray(from === 0 ? 0 : this.#ends[from - 1], (this.#ends[to - 1] as number) - 1);
  }
}

export async function unpackOpenings({ first, at, tags, own, texts }: OpeningRun): Promise<PackedOpening[]> {
  const lines = (await decompress(texts, { maxOutputLength: mostBytes })).toString().split('\n');
  assert(lines.length === at.length, `the openings from ${first} on are ${lines.length}, not ${at.length}`);
  return lines.map((text, i) => ({
    index: first + (at[i] as number),
    tag: tags.toString('latin1', i * tagBytes, (i + 1) * tagBytes),
    own: own?.[i] ?? '',
    text,
  }));
}

/** The row without what was left out; its openings must be of one run. */
export async function packOpenings(openings: readonly PackedOpening[]): Promise<OpeningRun> {
  const first = openings[0]?.index ?? 0;
  return {
    first,
    at: openings.map(({ index }) => index - first),
    tags: Buffer.from(openings.map(({ tag }) => tag).join(''), 'latin1'),
    own: openings.some(({ own }) => own !== '') ? openings.map(({ own }) => own) : null,
    texts: await compress(Buffer.from(openings.map(({ text }) => text).join('\n'))),
  };
}
