/** A log over HTTP(S) with node:http, which costs a third of what fetch does; an audit makes two requests for 256 entries. */
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { createGunzip } from 'node:zlib';
import { type LogSource, Unreachable } from '../tlog/source.ts';

const maxRedirects = 3;
const timeoutMs = 30_000;
const pool = { keepAlive: true, maxSockets: 16 };

/** Packing saves a line's bytes and costs both ends' time: not worth it within one machine. A log may do it without being asked. */
function headersFor({ hostname }: URL): { 'accept-encoding': string } {
  const here = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return { 'accept-encoding': here ? 'identity' : 'gzip, identity' };
}

/** @param prefix with or without the last slash */
export function siteSource(prefix: string): LogSource {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const agents = { 'http:': new HttpAgent(pool), 'https:': new HttpsAgent(pool) };
  return {
    name: base,
    async read(path, maxBytes) {
      try {
        return await read(new URL(path, base), maxBytes, agents, maxRedirects);
      } catch (error) {
        throw new Unreachable(base + path, (error as Error).message || String((error as NodeJS.ErrnoException).code));
      }
    },
  };
}

type Agents = { 'http:': HttpAgent; 'https:': HttpsAgent };

async function read(url: URL, maxBytes: number, agents: Agents, redirects: number): Promise<Uint8Array | null> {
  const response = await request(url, agents);
  const { statusCode: status = 0, headers: said } = response;
  if (status === 200) return readBody(response, maxBytes);
  response.resume();
  if (status === 404 || status === 410) return null;
  if (status >= 300 && status < 400 && said.location && redirects > 0) {
    return read(new URL(said.location, url), maxBytes, agents, redirects - 1);
  }
  throw new Error(`HTTP ${status}`);
}

function request(url: URL, agents: Agents): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { headers: headersFor(url), timeout: timeoutMs };
    const sent =
      url.protocol === 'https:'
        ? httpsGet(url, { ...options, agent: agents['https:'] }, resolve)
        : httpGet(url, { ...options, agent: agents['http:'] }, resolve);
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
  });
}

/** Stops at `maxBytes`, counted after decompression. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const packed = response.headers['content-encoding'] === 'gzip';
  const stream = packed ? response.pipe(createGunzip()) : response;
  if (packed) response.on('error', (error) => stream.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (part: Buffer) => {
      length += part.length;
      parts.push(part);
      if (length <= maxBytes) return;
      reject(new Error(`longer than ${maxBytes} bytes`));
      response.destroy();
      stream.destroy();
    });
    stream.on('error', reject);
    response.on('aborted', () => reject(new Error('the answer was cut off')));
    stream.on('end', () => {
      const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      resolve(new Uint8Array(whole.buffer, whole.byteOffset, whole.length));
    });
  });
}
