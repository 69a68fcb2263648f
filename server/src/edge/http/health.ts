/** GET /healthz: 200 only when the database answers and every book has signed lately. GET /metrics: Prometheus. */
import { Health } from '@rivulet/client/contract';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** Looks now; never throws. */
export type LookAtHealth = () => Promise<Health>;

export function addHealth(app: FastifyInstance, look: LookAtHealth, metrics: Registry): void {
  const schema = { summary: 'Whether the server is well', response: { 200: Health, 503: Health } };
  app.get('/healthz', { schema }, async (_request, reply) => {
    const health = await look();
    return reply
      .code(health.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(health);
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}
