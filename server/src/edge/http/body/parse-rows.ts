/** JSON and NDJSON bodies as values. A body that cannot be parsed is refused whole, with the line where it goes wrong. */
import { type Refusal, refusal } from '#base/refusal';
import { RefusedRequest } from '../answers.ts';

/** @throws RefusedRequest with the line of the body */
export function parseJson(text: string): unknown {
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
export function parseRows(text: string, form: 'json' | 'ndjson', limit: number): readonly unknown[] {
  const rows = form === 'json' ? parseJson(text) : parseLines(text, limit);
  if (!Array.isArray(rows)) throw new RefusedRequest(notAList, 1);
  if (rows.length > limit) throw new RefusedRequest(tooManyRows(limit));
  return rows;
}

function parseLines(text: string, limit: number): unknown[] {
  const rows: unknown[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    line += 1;
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const row = text.slice(start, end);
    start = end + 1;
    if (row.trim() === '') continue;
    if (rows.length === limit) throw new RefusedRequest(tooManyRows(limit), line);
    try {
      rows.push(JSON.parse(row));
    } catch {
      throw new RefusedRequest(notJson, line);
    }
  }
  return rows;
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
