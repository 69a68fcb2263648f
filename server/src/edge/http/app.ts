/**
 * The HTTP server without its routes: bodies, keys, limits, languages, errors, health, metrics, OpenAPI. Domains register their routes on it;
 * what a route may say about itself is in README.md.
 */
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import type { Registry } from 'prom-client';
import { isRefusal, refusal } from '#base/refusal';
import { addAccessControl, addIdentification, type Identify } from './access.ts';
import { addAllowedMethods } from './allowed-methods.ts';
import { answerError, sendRefusal } from './answers.ts';
import { addBodies } from './body/bodies.ts';
import { answerClientError } from './client-errors.ts';
import { addDrain } from './drain.ts';
import { addHealth, type LookAtHealth } from './health.ts';
import { type Language, preferredLanguage } from './language.ts';
import { addRequestMetrics } from './metrics.ts';
import { addOpenApi } from './openapi.ts';
import { addRateLimit, type Rates } from './rate-limit.ts';

export interface AppOptions {
  readonly identify: Identify;
  readonly health: LookAtHealth;
  readonly metrics: Registry;
  readonly rates: Rates;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** Addresses of reverse proxies whose X-Forwarded-For is believed, as Fastify's `trustProxy` takes them. */
  readonly trustProxy?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    language: Language;
  }
}

/** Routes are registered on what this returns, before `listen`. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      prepare(request, reply);
      answerError(error, request, reply);
    },
    requestTimeout: 60_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512 },
    ...(options.trustProxy !== undefined && { trustProxy: options.trustProxy }),
  });
  app.decorateRequest('language', 'en');
  app.setErrorHandler(answerError);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.addHook('onRequest', async (request, reply) => prepare(request, reply));
  app.addHook('onRoute', answerReturnedRefusals);
  const allowedMethods = addAllowedMethods(app);
  addDrain(app);
  addIdentification(app, options.identify);
  await addRateLimit(app, options.rates);
  addAccessControl(app);
  addBodies(app);
  await addOpenApi(app, options.version);
  addRequestMetrics(app, options.metrics);
  addHealth(app, options.health, options.metrics);
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(request.url.split('?', 1)[0] as string);
    if (allowed.length === 0) return sendRefusal(request, reply, nothingHere);
    return sendRefusal(request, reply.header('allow', allowed.join(', ')), otherMethod);
  });
  return app;
}

/** What every answer needs, also one to a request that no route is looked up for. */
function prepare(request: FastifyRequest, reply: FastifyReply): void {
  request.language = preferredLanguage(request.headers['accept-language']);
  addSecurityHeaders(reply);
}

/** For everything; a page that needs more says so itself and replaces the policy. */
function addSecurityHeaders(reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'strict-origin-when-cross-origin');
  reply.header('x-frame-options', 'DENY');
  reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
}

/** A handler answers no by returning a Refusal. */
function answerReturnedRefusals(route: RouteOptions): void {
  const { handler } = route;
  route.handler = async function answer(request: FastifyRequest, reply: FastifyReply) {
    const result = await handler.call(this, request, reply);
    return isRefusal(result) ? sendRefusal(request, reply, result) : result;
  };
}

const nothingHere = refusal('missing', 'not_found', 'there is nothing here', '此处没有内容');
const otherMethod = refusal(
  'invalid',
  'method_not_allowed',
  'this address does not take this method; see Allow',
  '该地址不支持此方法，可用方法见 Allow 响应头',
);
