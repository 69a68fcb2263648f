/** Between Fastify and the web's Request and Response; here every page gets its security headers. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * No script but our own files, none inline, nothing from elsewhere. Styles likewise; a drawing sets its attributes, not its style.
 * A form goes to us only, and nobody frames us.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders = {
  'content-security-policy': policy,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

export function toRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const url = new URL(request.url, siteOf(request));
  const body = Buffer.isBuffer(request.body) ? new Uint8Array(request.body) : undefined;
  return new Request(url, { method: request.method, headers, ...(body === undefined ? {} : { body }) });
}

/** Scheme and host as the visitor's browser has them: it says its scheme in `origin`, which a proxy in front of us hides. */
function siteOf(request: FastifyRequest): string {
  const { origin } = request.headers;
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host) return origin;
  return `${request.protocol}://${request.host}`;
}

/** Whether another site's page sent this form. */
export function isForeign(request: FastifyRequest): boolean {
  const { origin } = request.headers;
  return request.method === 'POST' && origin !== undefined && siteOf(request) !== origin;
}

export async function send(reply: FastifyReply, request: FastifyRequest, response: Response): Promise<FastifyReply> {
  reply.code(response.status).headers(securityHeaders);
  response.headers.forEach((value, name) => {
    reply.header(name, value);
  });
  if (!response.headers.has('cache-control')) reply.header('cache-control', 'private, no-cache');
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length === 0) return reply.send();
  // What answers a form may hold a code: it is not compressed, so that its length tells nothing of it.
  const worthIt =
    request.method === 'GET' && body.length > 1024 && /\bgzip\b/.test(`${request.headers['accept-encoding']}`);
  reply.header('vary', [response.headers.get('vary'), 'accept-encoding'].filter(Boolean).join(', '));
  if (!worthIt) return reply.send(body);
  return reply.header('content-encoding', 'gzip').send(await promisify(gzip)(body));
}
