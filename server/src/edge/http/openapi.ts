/** GET /openapi.json: OpenAPI 3.1 from the contract's zod schemas, the same that validate. */
import swagger from '@fastify/swagger';
import { ErrorBody } from '@rivulet/client/contract';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Access } from './access.ts';

type Transform = typeof jsonSchemaTransform;

/** Register before any route. */
export async function addOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rivulet',
        version,
        description:
          'Every small gift made exactly once, and provable. Errors: {"error":{"code","message"}}, in Chinese for Accept-Language: zh.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'rvk_<id>_<secret>' } } },
    },
    transform: describe,
    transformObject: jsonSchemaTransformObject,
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Adds to each route what all have in common: the error body, who may call, and NDJSON where rows are sent. */
const describe: Transform = (input) => {
  const { access, rows } = (input.route.config ?? {}) as { access?: Access; rows?: boolean };
  const schema = input.schema as (FastifySchema & { hide?: boolean; response?: Record<string, unknown> }) | undefined;
  const documented = input.url.startsWith('/v1/') || (schema !== undefined && input.url === '/healthz');
  const common: FastifySchema = {
    ...schema,
    response: { ...schema?.response, default: ErrorBody },
    ...(access !== undefined && access !== 'public' && { security: [{ key: [] }] }),
    ...(rows && { consumes: ['application/json', 'application/x-ndjson'] }),
  };
  return jsonSchemaTransform({
    ...input,
    schema: documented ? common : { ...schema, hide: true },
  } as Parameters<Transform>[0]);
};
