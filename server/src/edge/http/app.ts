/**
 * The HTTP server without its routes: bodies, keys, limits, languages, errors, health, metrics, OpenAPI. Domains register their routes on it;
 * what a route may say about itself is in README.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
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
import { answerError, sendRefusal } from './answers.ts';
import { addBodies } from './bodies.ts';
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
  interface FastifyContextConfig {
    /** An open-ended answer (server-sent events): it does not hold up the shutdown. */
    stream?: boolean;
  }
  interface FastifyRequest {
    language: Language;
  }
}

/** How long a shutdown waits for requests that were already accepted. */
const drainMs = 10_000;

/** Routes are registered on what this returns, before `listen`. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    requestTimeout: 60_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512 },
    ...(options.trustProxy !== undefined && { trustProxy: options.trustProxy }),
  });
  app.decorateRequest('language', 'en');
  app.setErrorHandler(answerError);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.addHook('onRequest', async (request, reply) => {
    request.language = preferredLanguage(request.headers['accept-language']);
    addSecurityHeaders(reply);
  });
  app.addHook('onRoute', answerReturnedRefusals);
  addDrain(app);
  addIdentification(app, options.identify);
  await addRateLimit(app, options.rates);
  addAccessControl(app);
  addBodies(app);
  await addOpenApi(app, options.version);
  addRequestMetrics(app, options.metrics);
  addHealth(app, options.health, options.metrics);
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, nothingHere));
  return app;
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

/** On close, requests that are being worked on are finished first; open streams are not waited for. */
function addDrain(app: FastifyInstance): void {
  let working = 0;
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.stream) return;
    working += 1;
    reply.raw.once('close', () => {
      working -= 1;
    });
  });
  app.addHook('preClose', async () => {
    for (const until = Date.now() + drainMs; working > 0 && Date.now() < until; ) await sleep(10);
  });
}

const nothingHere = refusal('missing', 'not_found', 'there is nothing here', '此处没有内容');
