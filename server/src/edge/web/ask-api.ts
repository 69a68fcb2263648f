/** How pages ask the HTTP API: the same routes, checks and limits as a stranger's request, without a socket. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The visitor's address and languages go along, so that limits count the visitor and messages are in their language. */
export function apiOf(app: FastifyInstance, visitor: FastifyRequest) {
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers: Record<string, string> = { 'accept-language': visitor.headers['accept-language'] ?? 'en' };
    new Headers(init.headers).forEach((value, name) => {
      headers[name] = value;
    });
    const answer = await app.inject({
      method: (init.method ?? 'GET') as 'GET' | 'POST',
      url: path,
      headers,
      remoteAddress: visitor.ip,
      ...(typeof init.body === 'string' ? { payload: init.body } : {}),
    });
    const kept = new Headers();
    for (const name of ['content-type', 'retry-after']) {
      const value = answer.headers[name];
      if (value !== undefined) kept.set(name, String(value));
    }
    const empty = answer.statusCode === 204 || answer.statusCode === 304;
    return new Response(empty ? null : new Uint8Array(answer.rawPayload), { status: answer.statusCode, headers: kept });
  };
}
