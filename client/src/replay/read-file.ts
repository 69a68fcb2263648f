/** Rows of a CSV file, or events of an NDJSON file, streamed; `.gz` is unpacked on the way. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';

function contentOf(file: string): Readable {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const plain = createGunzip();
  bytes.on('error', (error) => plain.destroy(error));
  return bytes.pipe(plain);
}

/** The header first, then every row as it is; rows with too many or too few columns are the reader's to judge. */
export async function* csvRows(file: string, delimiter: string): AsyncGenerator<string[]> {
  const rows = parse({ delimiter, bom: true, relax_column_count: true, skip_empty_lines: true });
  const content = contentOf(file);
  content.on('error', (error) => rows.destroy(error));
  for await (const row of content.pipe(rows)) yield row as string[];
}

/** One value a line; undefined for a line that is no JSON. */
export async function* jsonLines(file: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: contentOf(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      yield undefined;
    }
  }
}

export function isJsonLines(file: string): boolean {
  return /\.(ndjson|jsonl)(\.gz)?$/.test(file);
}
