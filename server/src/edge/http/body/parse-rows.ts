/** JSON and NDJSON bodies as values. A body that cannot be parsed is refused whole, with the line where it goes wrong. */
import { type Refusal, refusal } from '#base/refusal';
import { RefusedRequest } from '../answers.ts';

/** Reads rows of the shape that a route mostly gets, faster than JSON.parse, and leaves all others to it. */
export interface RowReader {
  /** The row between two places of the body, or undefined when this reader does not know its shape: it is then parsed as JSON. */
  read(start: number, end: number): unknown;
  /** A row that it did not know, as parsed. */
  learn(row: unknown): void;
}

/** @throws RefusedRequest with the line of the body */
export function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RefusedRequest(notJson, lineOf(text, error));
  }
}

/**
 * The rows of a JSON array, or of NDJSON (empty lines left out).
 * @throws RefusedRequest when a row cannot be parsed, or when there are more than `limit` rows
 */
export function parseRows(
  bytes: Buffer,
  form: 'json' | 'ndjson',
  limit: number,
  reader?: RowReader,
): readonly unknown[] {
  const rows = form === 'json' ? parseJson(bytes) : parseLines(bytes, limit, reader);
  if (!Array.isArray(rows)) throw new RefusedRequest(notAList, 1);
  if (rows.length > limit) throw new RefusedRequest(tooManyRows(limit));
  return rows;
}

function parseLines(bytes: Buffer, limit: number, reader?: RowReader): unknown[] {
  const rows: unknown[] = [];
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    line += 1;
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    const row = reader?.read(start, end) ?? parseLine(bytes.toString('utf8', start, end), line, reader);
    start = end + 1;
    if (row === emptyLine) continue;
    if (rows.length === limit) throw new RefusedRequest(tooManyRows(limit), line);
    rows.push(row);
  }
  return rows;
}

const emptyLine = Symbol('an empty line');

function parseLine(text: string, line: number, reader?: RowReader): unknown {
  if (text.trim() === '') return emptyLine;
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    throw new RefusedRequest(notJson, line);
  }
  reader?.learn(row);
  return row;
}

/** Where V8 says that it stopped; the last line when the text just ends. */
function lineOf(text: string, error: unknown): number {
  const found = /at position (\d+)/.exec(String(error));
  const stop = found === null ? text.length : Number(found[1]);
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < stop; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

function tooManyRows(limit: number): Refusal {
  const en = `at most ${limit} rows in one request; send them in parts`;
  return refusal('exhausted', 'too_many_rows', en, `每个请求最多 ${limit} 行，请分批发送`);
}

const notJson = refusal('invalid', 'malformed', 'this line is not valid JSON', '此行不是有效的 JSON');
const notAList = refusal(
  'invalid',
  'malformed',
  'the body must be a JSON array, or NDJSON',
  '请求体必须是 JSON 数组或 NDJSON',
);
