/**
 * HTTP/1.1 over a socket, written by hand: a request is bytes made beforehand, an answer is bytes kept as they came. On the two cores that it
 * shares with the server, what the load costs itself is taken from the figure.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  /** The body in the pieces in which it came, without the framing of chunks. */
  readonly pieces: readonly Buffer[];
}

/** The connection ended before the answer was whole: what became of the request is not known. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const endOfHead = Buffer.from('\r\n\r\n');

/** One request at a time; opens itself again after an end. */
export class Connection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;
  #waiting: Waiting | null = null;
  /** Bytes of a head that is not whole yet. */
  #rest: Buffer | null = null;
  #head = '';
  #status = 0;
  #pieces: Buffer[] = [];
  #body: BodyReader | null = null;

  constructor(url: URL) {
    this.#host = url.hostname;
    this.#port = Number(url.port);
  }

  /** @throws ConnectionLost */
  exchange(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const lost = (error?: Error) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#rest = null;
      this.#body = null;
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting?.reject(new ConnectionLost(error?.message ?? 'closed by the server', { cause: error }));
    };
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', lost);
    socket.on('close', () => lost());
    return socket;
  }

  #take(bytes: Buffer): void {
    let left = bytes;
    if (this.#body === null) {
      if (this.#rest !== null) left = Buffer.concat([this.#rest, left]);
      const end = left.indexOf(endOfHead);
      if (end < 0) {
        this.#rest = left;
        return;
      }
      this.#rest = null;
      this.#head = left.toString('latin1', 0, end);
      this.#status = Number(this.#head.slice(9, 12));
      this.#pieces = [];
      this.#body = bodyReader(this.#head, this.#pieces);
      left = left.subarray(end + endOfHead.length);
    }
    if (!this.#body.take(left)) return;
    this.#body = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status: this.#status, head: this.#head, pieces: this.#pieces });
  }
}

/** @returns whether the body is whole */
interface BodyReader {
  take(bytes: Buffer): boolean;
}

function bodyReader(head: string, pieces: Buffer[]): BodyReader {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return new SizedBody(Number(length), pieces);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return new ChunkedBody(pieces);
  return new SizedBody(0, pieces);
}

class SizedBody implements BodyReader {
  #left: number;
  readonly #pieces: Buffer[];

  constructor(length: number, pieces: Buffer[]) {
    this.#left = length;
    this.#pieces = pieces;
  }

  take(bytes: Buffer): boolean {
    if (bytes.length > 0) this.#pieces.push(bytes);
    this.#left -= bytes.length;
    return this.#left <= 0;
  }
}

/** Sizes in hexadecimal between the pieces; extensions and trailers are not expected. */
export class ChunkedBody implements BodyReader {
  readonly #pieces: Buffer[];
  /** Of the chunk, its line end included. */
  #left = 0;
  #line = '';

  constructor(pieces: Buffer[]) {
    this.#pieces = pieces;
  }

  take(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const here = Math.min(this.#left, bytes.length - at);
        const data = Math.min(here, this.#left - 2);
        if (data > 0) this.#pieces.push(bytes.subarray(at, at + data));
        this.#left -= here;
        at += here;
        continue;
      }
      const end = bytes.indexOf(10, at);
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end);
      if (end < 0) return false;
      at = end + 1;
      const size = Number.parseInt(this.#line, 16);
      this.#line = '';
      // The empty line after the last chunk is the end of the body.
      if (Number.isNaN(size)) return true;
      if (size > 0) this.#left = size + 2;
    }
    return false;
  }
}

export interface Target {
  readonly url: URL;
  /** An API key. */
  readonly key: string;
}

/** A request as bytes, head and body in one piece, for one write. */
export function postRequest({ url, key }: Target, path: string, body: Buffer): Buffer {
  const head =
    `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${key}\r\n` +
    `content-type: application/x-ndjson\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** @param headers more of them, each with its line end */
export function getRequest(url: URL, path: string, headers = ''): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}\r\n`, 'latin1');
}

/** Seconds of Retry-After; null without one. */
export function retryAfterOf({ head }: Pick<Answer, 'head'>): number | null {
  const seconds = /\r\nretry-after: *(\d+)/i.exec(head)?.[1];
  return seconds === undefined ? null : Number(seconds);
}
