/** Request bodies: our own parsers and the contract's own words for what is wrong. */
import { limits, problemOf } from '@rivulet/client/contract';
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler, RouteOptions } from 'fastify';
import type { z } from 'zod';
import { refusal } from '#base/refusal';
import { RefusedRequest, unsupportedType } from '../answers.ts';
import { parseJson, parseRows, type RowReader } from './parse-rows.ts';
import { readBody } from './read-body.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is a list, JSON or NDJSON, found unchecked in `request.rows`; `schema.body` documents it only, so that one bad row spoils no other. */
    rows?: boolean;
    /** Reads NDJSON rows of a shape it knows. */
    rowReader?: (body: Buffer) => RowReader;
  }
  interface FastifyRequest {
    rows: readonly unknown[];
  }
}

export function addBodies(app: FastifyInstance): void {
  app.decorateRequest('rows');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: FastifyRequest['raw']) => {
    const bytes = await readBody(payload, request.headers, limits.bodyBytes);
    if (!request.routeOptions.config.rows) return parseJson(bytes);
    request.rows = parseRows(bytes, 'json', limits.rows);
    return request.rows;
  });
  app.addContentTypeParser('application/x-ndjson', async (request: FastifyRequest, payload: FastifyRequest['raw']) => {
    const { rows, rowReader } = request.routeOptions.config;
    if (!rows) throw new RefusedRequest(unsupportedType);
    const bytes = await readBody(payload, request.headers, limits.bodyBytes);
    request.rows = parseRows(bytes, 'ndjson', limits.rows, rowReader?.(bytes));
    return request.rows;
  });
  app.setValidatorCompiler(validate as FastifySchemaCompiler<unknown>);
  app.addHook('onRoute', takeRowsUnchecked);
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.config.rows && request.rows === undefined) throw new RefusedRequest(noBody);
  });
}

/** By the contract's schema, answered in the contract's words. */
const validate = ({ schema }: { schema: z.ZodType }) => {
  return (value: unknown) => {
    const read = schema.safeParse(value);
    if (read.success) return { value: read.data };
    const problem = problemOf(read.error, value);
    const { en, zh } = problem.message;
    const where = problem.field === undefined ? '' : `${problem.field} `;
    return { error: new RefusedRequest(refusal('invalid', problem.code, where + en, where + zh, problem.field)) };
  };
};

function takeRowsUnchecked(route: RouteOptions): void {
  if (!route.config?.rows) return;
  const passBody = (part: { schema: z.ZodType; httpPart?: string }) =>
    part.httpPart === 'body' ? (value: unknown) => ({ value }) : validate(part);
  route.validatorCompiler = passBody as FastifySchemaCompiler<unknown>;
}

const noBody = refusal('invalid', 'malformed', 'a body is needed', '缺少请求体');
