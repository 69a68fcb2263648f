/**
 * Reads a request's body: plain or gzip, never more than the limit of *inflated* bytes in memory, bytes that are UTF-8.
 * A gzip bomb is cut off while it inflates. What is refused for its size is still read, and kept nowhere, so that the client sees the answer.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { refusal } from '#base/refusal';
import { bodyTooLarge, RefusedRequest } from '../answers.ts';
import { discardBody, discardBytes } from './discard-body.ts';

/** @throws RefusedRequest */
export async function readBody(payload: Readable, headers: IncomingHttpHeaders, limit: number): Promise<Buffer> {
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new RefusedRequest(unsupportedEncoding);
  // So much is not read just to be refused.
  if (Number(headers['content-length'] ?? 0) > limit + discardBytes) throw new RefusedRequest(bodyTooLarge);
  const bytes = encoding === 'identity' ? collect(payload, limit) : readGzip(payload, limit);
  return asUtf8(
    await bytes.catch(async (error: unknown) => {
      await discardBody(payload);
      throw error;
    }),
  );
}

async function readGzip(payload: Readable, limit: number): Promise<Buffer> {
  const inflated = createGunzip();
  payload.once('error', (error) => inflated.destroy(error));
  payload.pipe(inflated);
  try {
    return await collect(inflated, limit);
  } catch (error) {
    payload.unpipe(inflated);
    inflated.destroy();
    throw isZlibError(error) ? new RefusedRequest(badGzip) : error;
  }
}

/** Events, not an async iterator: this runs once a request, also for requests of one line. */
function collect(stream: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else {
        stream.removeAllListeners('data');
        chunks.length = 0;
        reject(new RefusedRequest(bodyTooLarge));
      }
    });
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    stream.once('error', reject);
    stream.once('close', () => reject(new RefusedRequest(cutOff)));
  });
}

/** Without a byte order mark. */
function asUtf8(bytes: Buffer): Buffer {
  if (!isUtf8(bytes)) throw new RefusedRequest(badUtf8, firstBadLine(bytes));
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

/** A line end is no part of any character, so each line is UTF-8 by itself or not. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

function isZlibError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('Z_');
}

const unsupportedEncoding = refusal(
  'invalid',
  'unsupported_encoding',
  'Content-Encoding must be gzip or absent',
  'Content-Encoding 只支持 gzip 或不设置',
);
const badGzip = refusal('invalid', 'malformed', 'the body is not valid gzip', '请求体不是有效的 gzip 数据');
const badUtf8 = refusal('invalid', 'malformed', 'the body is not valid UTF-8', '请求体不是有效的 UTF-8 文本');
const cutOff = refusal('invalid', 'malformed', 'the body ended early', '请求体不完整');
