/** NDJSON both ways, within the limits of a request. */
import { limits } from './contract/index.ts';

const encoder = new TextEncoder();

export interface Chunk<T> {
  readonly rows: readonly T[];
  /** The rows as NDJSON. */
  readonly body: string;
}

/** Cuts rows into requests of at most `rows` rows and the contract's bytes; one row is always below that. */
export async function* chunksOf<T>(
  rows: Iterable<T> | AsyncIterable<T>,
  atMost: number = limits.rows,
): AsyncGenerator<Chunk<T>> {
  let held: T[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for await (const row of rows) {
    const line = JSON.stringify(row);
    const size = 1 + encoder.encode(line).length;
    if (held.length >= atMost || (held.length > 0 && bytes + size > limits.bodyBytes)) {
      yield { rows: held, body: lines.join('\n') };
      held = [];
      lines = [];
      bytes = 0;
    }
    held.push(row);
    lines.push(line);
    bytes += size;
  }
  if (held.length > 0) yield { rows: held, body: lines.join('\n') };
}

/** The lines of a stream of text, without their ends; empty lines are left out. */
export async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '');
    }
    if (rest.trim() !== '') yield rest;
  } finally {
    await reader.cancel();
  }
}
