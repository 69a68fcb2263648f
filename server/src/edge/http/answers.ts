/** The one place where refusals and faults become HTTP: status, retry advice, and the error body of the contract. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '#base/fault';
import { isRefusal, type Refusal, refusal } from '#base/refusal';

/** A refused request, thrown by what runs before a route's handler; handlers return the refusal itself. */
export class RefusedRequest extends Error {
  override name = 'RefusedRequest';
  readonly refusal: Refusal;
  /** Line of the body, from 1. */
  readonly line: number | undefined;

  constructor(refused: Refusal, line?: number) {
    super(refused.message.en);
    this.refusal = refused;
    this.line = line;
  }
}

/** 401 asks for another key; every other `unauthorised` is 403: the key is good and may not do this. */
const asksForKey = new Set(['key_missing', 'key_unknown', 'key_revoked', 'key_expired']);

const byCode: Record<string, number> = {
  method_not_allowed: 405,
  body_too_large: 413,
  too_many_rows: 413,
  unsupported_type: 415,
  unsupported_encoding: 415,
  rate_limited: 429,
};

/** One status for each kind: 400 for everything that will never succeed as it is, whatever is wrong with it. */
export function statusOf(refused: Refusal): number {
  const special = byCode[refused.code];
  if (special !== undefined) return special;
  switch (refused.refused) {
    case 'invalid':
      return 400;
    case 'unauthorised':
      return asksForKey.has(refused.code) ? 401 : 403;
    case 'missing':
      return 404;
    case 'conflict':
      return 409;
    case 'gone':
      return 410;
    case 'exhausted':
      return 503;
  }
}

/** Answers `refused` in the request's language. */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refused: Refusal,
  line?: number,
): FastifyReply {
  const status = statusOf(refused);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="rivulet"');
  // The rest of a body that was not read to its end would be taken for the next request.
  if (status === 413 && !request.raw.complete) reply.header('connection', 'close');
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '5');
  const { code, field, message } = refused;
  const error = { code, message: message[request.language ?? 'en'], ...(field && { field }), ...(line && { line }) };
  return reply.code(status).header('cache-control', 'no-store').type('application/json; charset=utf-8').send({ error });
}

/** The last stop of everything thrown below. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RefusedRequest) return sendRefusal(request, reply, error.refusal, error.line);
  if (isRefusal(error)) return sendRefusal(request, reply, error);
  const fault = asFault(error);
  if (fault !== null) {
    request.log.info({ code: fault.code, detail: fault.message, cause: String(fault.cause ?? '') }, 'fault');
    reply.header('retry-after', String(Math.max(1, Math.ceil(fault.retryAfterSeconds))));
    return sendRefusal(request, reply.code(503), faultAsRefusal(fault));
  }
  const framework = frameworkRefusal(error);
  if (framework !== null) return sendRefusal(request, reply, framework);
  request.log.error({ err: error }, 'bug');
  const body = { code: 'internal', message: internal[request.language ?? 'en'] };
  return reply.code(500).header('cache-control', 'no-store').send({ error: body });
}

const internal = { en: 'something is wrong on our side; it was noted', zh: '服务器内部错误，已记录' };

const faultWords: Record<string, { en: string; zh: string }> = {
  busy: { en: 'too much work at the moment; send it again', zh: '当前负载过高，请稍后重发' },
  database_away: {
    en: 'the database did not confirm; send the same request again',
    zh: '数据库未确认，请重发同一请求',
  },
  not_the_writer: {
    en: 'this server does not write the book now; send it again',
    zh: '本服务器当前不写入账本，请稍后重发',
  },
  stopping: { en: 'the server is stopping; send it again', zh: '服务器正在停止，请稍后重发' },
  log_stopped: {
    en: 'the log has stopped and takes nothing until its operator has looked',
    zh: '公开账本已停止，等待运营者处理',
  },
  window_open: {
    en: 'the book was rescued after a loss and takes nothing new until what was lost is sent again; send these events again',
    zh: '账本在数据丢失后已抢救，缺失的事件重发并核对完毕之前不受理新事件，请重发这些事件',
  },
  log_behind: { en: 'the log is too far behind; send it again', zh: '公开账本写入滞后，请稍后重发' },
};

function faultAsRefusal(fault: Fault): Refusal {
  const words = faultWords[fault.code] ?? {
    en: 'not possible at the moment; send it again',
    zh: '暂时无法处理，请稍后重发',
  };
  return refusal('exhausted', fault.code, words.en, words.zh);
}

/** A Fault as it is, a database that went away as one, null for anything else. */
function asFault(error: unknown): Fault | null {
  if (error instanceof Fault) return error;
  return isDatabaseAway(error) ? new Fault('database_away', 'the database is away', { cause: error }) : null;
}

/** Errors of `pg` that say nothing about the statement: lost or refused connections, a server that starts, stops or is full. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && /^(08|57P|53)/.test(code)) return true;
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOENT)/.test(code))
    return 'syscall' in error && error.syscall !== 'open';
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    error.message,
  );
}

/** What Fastify refuses by itself. */
function frameworkRefusal(error: unknown): Refusal | null {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge;
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') return badUrl;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return refusal('invalid', 'bad_request', 'the request cannot be read', '无法读取该请求');
  return null;
}

const badUrl = refusal('invalid', 'bad_url', 'this is not a valid address', '地址无效');

export const unsupportedType = refusal(
  'invalid',
  'unsupported_type',
  'Content-Type must be application/json, or application/x-ndjson where a list is sent',
  'Content-Type 必须是 application/json，批量接口也可用 application/x-ndjson',
);

export const bodyTooLarge = refusal(
  'exhausted',
  'body_too_large',
  'the body is larger than 8 MiB after decompression; send it in parts',
  '请求体解压后超过 8 MiB，请分批发送',
);
