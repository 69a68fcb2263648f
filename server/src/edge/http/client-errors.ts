/** What is so wrong that it never becomes a request (a line or header that is not HTTP, headers too long or too slow), in the contract's error body. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { preferredLanguage } from './language.ts';

interface ClientError extends Error {
  readonly code?: string | undefined;
  /** The bytes that were being read, a Buffer, where there are any. */
  readonly rawPacket?: unknown;
}

/** As long as a client may need to read the answer while it is still sending. */
const lingerMs = 1_000;

/** Answers when nothing else was or will be answered on this connection; closes it in any case. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const { status, code, ...words } = whatIsWrong(error);
  const body = JSON.stringify({ error: { code, message: words[languageOf(error)] } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

/** An answer that has begun, or that is owed to an earlier, whole request, must not be mistaken for this one. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return answer ? answer.headersSent || answer.req.complete : false;
}

/** The request was never parsed; its header may be among the bytes all the same. */
function languageOf({ rawPacket }: ClientError) {
  if (!Buffer.isBuffer(rawPacket)) return 'en';
  const header = /^accept-language:(.*)$/im.exec(rawPacket.toString('latin1'));
  return preferredLanguage(header?.[1]);
}

function whatIsWrong({ code }: ClientError) {
  if (code === 'HPE_HEADER_OVERFLOW')
    return { status: 431, code: 'headers_too_large', en: 'the headers are too large', zh: '请求头过大' };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return {
      status: 408,
      code: 'request_timeout',
      en: 'the request took too long to arrive; send it again',
      zh: '请求传输超时，请重发',
    };
  return { status: 400, code: 'bad_request', en: 'this is not a valid HTTP request', zh: '不是有效的 HTTP 请求' };
}
