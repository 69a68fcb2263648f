/** On close, requests that are being worked on are finished first; new ones are told to come again. Open streams are not waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Fault } from '#base/fault';
import { discardBody } from './body/discard-body.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An open-ended answer (server-sent events): it does not hold up the shutdown. */
    stream?: boolean;
  }
}

/** How long a shutdown waits for requests that were already accepted. */
const drainMs = 10_000;
/** What a restart takes. */
const comeAgainSeconds = 5;

/** Fastify must not refuse by itself meanwhile (`return503OnClosing: false`). */
export function addDrain(app: FastifyInstance): void {
  let working = 0;
  let closing = false;
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.stream && !closing) return;
    working += 1;
    reply.raw.once('close', () => {
      working -= 1;
    });
    if (!closing) return;
    await discardBody(request.raw);
    throw new Fault('stopping', 'the server is closing', { retryAfterSeconds: comeAgainSeconds });
  });
  app.addHook('preClose', async () => {
    closing = true;
    for (const until = Date.now() + drainMs; working > 0 && Date.now() < until; ) await sleep(10);
  });
}
