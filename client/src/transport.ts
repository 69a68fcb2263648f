/** Requests over fetch: key, gzip, time limit, retries. Everything Rivulet takes is idempotent, so every request may be repeated. */
import { OutOfReach, RequestRefused } from './request-refused.ts';
import { delayMs, isWorthRetrying, patient, type RetryRule, retryAfterMs } from './retry.ts';

export interface TransportOptions {
  /** Where the server is, for example `http://127.0.0.1:4800`. */
  readonly url: string;
  /** `rvk_…`; without one only what is public can be read. */
  readonly key?: string;
  /** `zh` for error messages in Chinese. */
  readonly language?: 'en' | 'zh';
  readonly retry?: RetryRule;
  /** One try's limit. */
  readonly timeoutMs?: number;
  /** Compress request bodies of more than this many bytes; Infinity for never. */
  readonly gzipFromBytes?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Sent {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** From the server's root, query included. */
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** False for an open stream. */
  readonly limitTime?: boolean;
}

export class Transport {
  readonly #options: TransportOptions;
  readonly #base: string;
  /** Tries that failed and were repeated, since the start: worth showing to an operator. */
  retries = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, '');
  }

  /** @throws RequestRefused, OutOfReach */
  async json(sent: Sent): Promise<unknown> {
    const response = await this.send(sent);
    return response.json();
  }

  /** @throws RequestRefused, OutOfReach */
  async text(sent: Sent): Promise<string> {
    const response = await this.send(sent);
    return response.text();
  }

  /** The bytes, or null when there is no such thing. @throws RequestRefused, OutOfReach */
  async bytes(path: string): Promise<Uint8Array | null> {
    try {
      const response = await this.send({ method: 'GET', path });
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      if (error instanceof RequestRefused && error.status === 404) return null;
      throw error;
    }
  }

  /** The answer with a status of 2xx. @throws RequestRefused, OutOfReach */
  async send(sent: Sent): Promise<Response> {
    const { retry = patient, now = Date.now, random = Math.random, sleep = pause } = this.#options;
    const prepared = await this.#prepare(sent);
    for (let attempt = 1; ; attempt += 1) {
      let response: Response | null = null;
      let cause: unknown = null;
      try {
        response = await this.#once(sent, prepared);
        if (response.ok) return response;
      } catch (error) {
        sent.signal?.throwIfAborted();
        cause = error;
      }
      if (response !== null && !isWorthRetrying(response.status)) throw await refusedBy(response);
      if (attempt >= retry.attempts)
        throw new OutOfReach(`${sent.method} ${sent.path}`, response?.status ?? null, cause);
      const asked = retryAfterMs(response?.headers.get('retry-after') ?? null, now());
      await response?.body?.cancel();
      this.retries += 1;
      await sleep(delayMs(retry, attempt, asked, random()), sent.signal);
    }
  }

  async #prepare(sent: Sent): Promise<{ headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> }> {
    const { key, language, gzipFromBytes = 1_024 } = this.#options;
    const headers: Record<string, string> = {
      accept: 'application/json, application/x-ndjson, text/plain',
      ...sent.headers,
    };
    if (key !== undefined) headers.authorization = `Bearer ${key}`;
    if (language !== undefined) headers['accept-language'] = language;
    if (sent.body === undefined) return { headers };
    headers['content-type'] = sent.contentType ?? 'application/json';
    if (sent.body.length < gzipFromBytes) return { headers, body: sent.body };
    headers['content-encoding'] = 'gzip';
    return { headers, body: await gzip(sent.body) };
  }

  #once(
    sent: Sent,
    prepared: { headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
  ): Promise<Response> {
    const limit = sent.limitTime === false ? [] : [AbortSignal.timeout(this.#options.timeoutMs ?? 60_000)];
    const signals = sent.signal === undefined ? limit : [...limit, sent.signal];
    const init: RequestInit = { method: sent.method, headers: prepared.headers, redirect: 'error' };
    if (prepared.body !== undefined) init.body = prepared.body;
    if (signals.length > 0) init.signal = AbortSignal.any(signals);
    return (this.#options.fetch ?? fetch)(`${this.#base}${sent.path}`, init);
  }
}

async function refusedBy(response: Response): Promise<RequestRefused> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    if (typeof body.error?.code === 'string') return new RequestRefused(response.status, body.error as never);
  } catch {
    // Not ours: a proxy's page, most likely. Its beginning says enough.
  }
  return new RequestRefused(response.status, { code: `status_${response.status}`, message: text.slice(0, 200) });
}

async function gzip(body: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
