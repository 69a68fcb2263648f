/** Who may call a route. A route under /v1 says so itself (`config.access`), or the server does not start. */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { assert } from '#base/assert';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import { RefusedRequest } from './answers.ts';

/**
 * public: anyone, with or without a key. operator: an operator's key. source: the key of the source that the path names (`:source`), or of any
 * source when the path names none; an operator's key too.
 */
export type Access = 'public' | 'operator' | 'source';

/** The holder of a valid API key. */
export interface Caller {
  readonly keyId: string;
  readonly scope: 'operator' | 'source';
  /** Null for operators. */
  readonly source: string | null;
}

/** Checks a key as sent. @throws Fault when it cannot be known */
export type Identify = (key: string) => Promise<Caller | Refusal>;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Null without a key. */
    caller: Caller | null;
    badKey: Refusal | null;
  }
}

/** First the key is checked, then (by another hook) the rate limited, then access refused: so that guessing keys is limited as well. */
export function addIdentification(app: FastifyInstance, identify: Identify): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('badKey', null);
  app.addHook('onRequest', async (request) => {
    const header = request.headers.authorization;
    if (header === undefined) return;
    const [scheme = '', key = ''] = header.split(' ', 2);
    const found = scheme.toLowerCase() === 'bearer' ? await identify(key) : notBearer;
    if (isRefusal(found)) request.badKey = found;
    else request.caller = found;
  });
}

export function addAccessControl(app: FastifyInstance): void {
  app.addHook('onRoute', requireAccess);
  app.addHook('onRequest', async (request) => {
    const refused = accessRefusal(request);
    if (refused !== null) throw new RefusedRequest(refused);
  });
}

function requireAccess(route: RouteOptions): void {
  const named = route.config?.access !== undefined || !route.url.startsWith('/v1/');
  assert(named, `route ${route.method} ${route.url} does not say who may call it`);
}

function accessRefusal(request: FastifyRequest): Refusal | null {
  const access = request.routeOptions.config.access ?? 'public';
  if (request.badKey !== null) return request.badKey;
  if (access === 'public') return null;
  const { caller } = request;
  if (caller === null) return missing;
  if (caller.scope === 'operator') return null;
  if (access === 'operator') return operatorOnly;
  const { source } = (request.params ?? {}) as { source?: string };
  return source !== undefined && source !== caller.source ? otherSource : null;
}

const missing = refusal(
  'unauthorised',
  'key_missing',
  'an API key is needed: Authorization: Bearer rvk_…',
  '需要 API 密钥：Authorization: Bearer rvk_…',
);
const notBearer = refusal(
  'unauthorised',
  'key_unknown',
  'Authorization must be: Bearer, a space, an API key',
  'Authorization 的格式必须是：Bearer、空格、API 密钥',
);
const operatorOnly = refusal('unauthorised', 'operator_only', "this needs an operator's key", '需要运营者密钥');
const otherSource = refusal(
  'unauthorised',
  'other_source',
  'this key belongs to another source',
  '该密钥属于另一个来源（商城）',
);
