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
  app.get('/openapi.json', { schema: { hide: true } }, async () => withoutUnicodePatterns(app.swagger()));
}

/** JSON Schema has no flag `u`, without which `\p{…}` means something else: better no pattern than one that validators misread. */
function withoutUnicodePatterns(document: object): unknown {
  const misread = (key: string, value: unknown) =>
    key === 'pattern' && typeof value === 'string' && value.includes('\\p{');
  return JSON.parse(JSON.stringify(document, (key, value) => (misread(key, value) ? undefined : value)));
}

const refusals: Record<number, string> = {
  400: 'Can never succeed as it is',
  401: 'No key, or none that is known',
  403: 'Not for this key',
  404: 'Not there',
  413: 'More than 8 MiB, or more than 10,000 rows',
  415: 'Another content type or encoding',
  429: 'Too many requests; see Retry-After',
  503: 'Not possible at the moment; see Retry-After',
};

/** What a route may answer instead; 413 and 415 only where a body is sent. */
function refusalsOf(sendsBody: boolean) {
  const listed = Object.entries(refusals).filter(([status]) => sendsBody || (status !== '413' && status !== '415'));
  return Object.fromEntries(
    listed.map(([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: ErrorBody } } },
    ]),
  );
}

/** Adds to each route what all have in common: the error bodies, who may call, and NDJSON where rows are sent. */
const describe: Transform = (input) => {
  const { access, rows } = (input.route.config ?? {}) as { access?: Access; rows?: boolean };
  const schema = input.schema as (FastifySchema & { hide?: boolean; response?: Record<string, unknown> }) | undefined;
  const documented = input.url.startsWith('/v1/') || (schema !== undefined && input.url === '/healthz');
  const common: FastifySchema = {
    ...schema,
    response: {
      ...(input.url.startsWith('/v1/') && refusalsOf(schema?.body !== undefined)),
      ...schema?.response,
      default: ErrorBody,
    },
    ...(access !== undefined && access !== 'public' && { security: [{ key: [] }] }),
    ...(rows && { consumes: ['application/json', 'application/x-ndjson'] }),
  };
  return jsonSchemaTransform({
    ...input,
    schema: documented ? common : { ...schema, hide: true },
  } as Parameters<Transform>[0]);
};
