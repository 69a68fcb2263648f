/** HTTP of orders, gifts, days and totals. The registry has its own routes. */
import {
  Change,
  ChangesQuery,
  DayParams,
  DayReport,
  ErasureAnswer,
  ErasureRequest,
  Gift,
  GiftLookup,
  GiftParams,
  OrderEvent,
  OrderLookup,
  OrderLookupAnswer,
  OrdersAnswer,
  ProofRequest,
  RecipientTotals,
  rowsOf,
  SourceId,
  Totals,
} from '@rivulet/client/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Fault } from '#base/fault';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import { bookOf, type GivingBook, type GivingContext, parseGiftId } from './book.ts';
import { readChanges } from './days/changes.ts';
import { readDay } from './days/day-report.ts';
import { eraseBuyer } from './gifts/erase-buyer.ts';
import { giftProof } from './gifts/gift-proof.ts';
import { lookUpByCode, lookUpOrder, opensGift } from './gifts/look-up.ts';
import { readGift } from './gifts/store.ts';
import { noSuchGift } from './gifts/view-gift.ts';
import { PlainLines } from './intake/lines/plain-lines.ts';
import { recordOrders } from './intake/record-orders.ts';
import { readSources } from './registry/store.ts';
import { publishedRecipientTotals, publishedTotals } from './totals/published-totals.ts';
import { streamTotals } from './totals/stream-totals.ts';

const proofType = 'text/plain; charset=utf-8';

export function addGivingRoutes(app: FastifyInstance, context: GivingContext): void {
  addOrderRoutes(app, context);
  addGiftRoutes(app, context);
  addDayRoutes(app, context);
  addTotalRoutes(app, context);
}

function addOrderRoutes(app: FastifyInstance, context: GivingContext): void {
  app.post('/v1/giving/orders', {
    config: { access: 'source', rows: true, rowReader: (body) => new PlainLines(body) },
    schema: {
      summary: 'Completed and returned order lines',
      body: rowsOf(OrderEvent),
      response: { 200: OrdersAnswer },
    },
    handler: async (request, reply) => {
      const reporting = { source: callerSource(request), language: request.language };
      const answer = await recordOrders(context, request.rows, reporting);
      return reply.type('application/json; charset=utf-8').send(answer);
    },
  });
  app.post<{ Body: OrderLookup }>('/v1/giving/orders/lookup', {
    config: { access: 'source' },
    schema: { summary: 'What became of an order line', body: OrderLookup, response: { 200: OrderLookupAnswer } },
    handler: async (request) => {
      const found = await sourceOf(context, request, request.body.source);
      return isRefusal(found) ? found : lookUpOrder(context, found.held, request.body);
    },
  });
  app.post<{ Params: { source: string }; Body: { buyer: string } }>('/v1/giving/sources/:source/erasures', {
    config: { access: 'source' },
    schema: {
      summary: 'Forget a buyer',
      params: z.strictObject({ source: SourceId }),
      body: ErasureRequest,
      response: { 200: ErasureAnswer },
    },
    handler: async (request) => {
      const found = await sourceOf(context, request, request.params.source);
      return isRefusal(found) ? found : eraseBuyer(found.held, found.source.source, request.body.buyer);
    },
  });
}

function addGiftRoutes(app: FastifyInstance, context: GivingContext): void {
  app.post<{ Body: { code: string } }>('/v1/giving/gifts/lookup', {
    config: { access: 'public' },
    schema: { summary: 'Find a gift by its code', body: GiftLookup, response: { 200: Gift } },
    handler: (request, reply) => {
      reply.header('cache-control', 'no-store');
      return lookUpByCode(context, request.body.code);
    },
  });
  const proof = {
    config: { access: 'public' as const },
    schema: {
      summary: 'The gift proof; opened for the source’s key or the gift code',
      params: GiftParams,
      // Named as documented: what arrives has names in lower case and is not checked here.
      headers: z.looseObject({ 'Rivulet-Gift-Code': z.string().optional() }),
      response: { 200: textOf('text/plain', 'The proof, a C2SP tlog-proof', z.string()) },
    },
  };
  app.get<{ Params: { id: string } }>('/v1/giving/gifts/:id/proof', {
    ...proof,
    handler: (request, reply) => answerProof(context, request, reply, request.params.id, headerCode(request)),
  });
  app.post<{ Params: { id: string }; Body: { code?: string } }>('/v1/giving/gifts/:id/proof', {
    ...proof,
    schema: { ...proof.schema, body: ProofRequest },
    handler: (request, reply) =>
      answerProof(context, request, reply, request.params.id, request.body.code ?? headerCode(request)),
  });
}

function addDayRoutes(app: FastifyInstance, context: GivingContext): void {
  app.get<{ Params: { source: string; date: string } }>('/v1/giving/sources/:source/days/:date', {
    config: { access: 'source' },
    schema: { summary: 'A day of a source, to compare', params: DayParams, response: { 200: DayReport } },
    handler: async (request) => {
      const found = await sourceOf(context, request, request.params.source);
      if (isRefusal(found)) return found;
      return readDay(context.pool, found.held.book.bookId, found.source.source, found.source.zone, request.params.date);
    },
  });
  app.get<{ Querystring: { after: number; limit: number; source?: string } }>('/v1/giving/changes', {
    config: { access: 'source' },
    schema: {
      summary: 'Gifts made and returned, in log order, as NDJSON',
      querystring: ChangesQuery,
      response: { 200: textOf('application/x-ndjson', 'One change a line', Change) },
    },
    handler: async (request, reply) => {
      const name = request.query.source ?? callerSource(request);
      if (name === null) return sourceMissing;
      const found = await sourceOf(context, request, name);
      if (isRefusal(found)) return found;
      const { after, limit } = request.query;
      const changes = await readChanges(context, found.held, found.source.source, after, limit);
      reply.type('application/x-ndjson; charset=utf-8').header('cache-control', 'no-store');
      return changes.map((change) => `${JSON.stringify(change)}\n`).join('');
    },
  });
}

function addTotalRoutes(app: FastifyInstance, context: GivingContext): void {
  const main = () => bookOf(context, 1) as GivingBook;
  app.get('/v1/totals', {
    config: { access: 'public' },
    schema: { summary: 'What was given, true at a published checkpoint', response: { 200: Totals } },
    handler: async (_request, reply) => known(reply, await publishedTotals(context, main())),
  });
  app.get('/v1/giving/totals', {
    config: { access: 'public' },
    schema: { summary: 'What was promised to each recipient', response: { 200: RecipientTotals } },
    handler: async (_request, reply) => known(reply, await publishedRecipientTotals(context, main())),
  });
  app.get('/v1/totals/stream', {
    config: { access: 'public', stream: true },
    schema: {
      summary: 'The same as server-sent events',
      response: { 200: textOf('text/event-stream', 'Events `totals`, each with the totals as its data', z.string()) },
    },
    handler: (request, reply) => streamTotals(context, main(), request, reply),
  });
}

/** Documents an answer that is not a JSON document. */
function textOf(type: string, description: string, schema: z.ZodType) {
  return { description, content: { [type]: { schema } } };
}

/** Unknown is never zero: before the first checkpoint there is no total to tell. */
function known<T>(reply: FastifyReply, answer: T | null): T {
  if (answer === null) throw new Fault('not_published', 'there is no checkpoint yet', { retryAfterSeconds: 1 });
  reply.header('cache-control', 'public, max-age=1');
  return answer;
}

async function answerProof(
  context: GivingContext,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  code: string | undefined,
): Promise<string | Refusal> {
  const found = parseGiftId(context, id);
  if (found === null) return noSuchGift;
  const { held, index } = found;
  if (code !== undefined && !opensGift(context, code, held, index)) return wrongCode;
  const opened = code !== undefined || (await ownsGift(context, request, held, index));
  const proof = await giftProof(context, held, index, opened);
  if (isRefusal(proof)) return proof;
  reply.type(proofType).header('cache-control', 'no-store');
  reply.header('content-disposition', `attachment; filename="${id}.tlog-proof"`);
  return proof;
}

async function ownsGift(
  context: GivingContext,
  request: FastifyRequest,
  held: GivingBook,
  index: number,
): Promise<boolean> {
  const { caller } = request;
  if (caller === null) return false;
  if (caller.scope === 'operator') return true;
  return (await readGift(context.pool, held.book.bookId, index))?.source === caller.source;
}

function headerCode(request: FastifyRequest): string | undefined {
  const code = request.headers['rivulet-gift-code'];
  return typeof code === 'string' ? code : undefined;
}

function callerSource(request: FastifyRequest): string | null {
  return request.caller?.source ?? null;
}

/** The source and its book, when the caller may act for it. A server that does not write the book has no catalogue of it and asks the database. */
async function sourceOf(
  context: GivingContext,
  request: FastifyRequest,
  name: string,
): Promise<{ held: GivingBook; source: { source: string; zone: string } } | Refusal> {
  const own = callerSource(request);
  if (own !== null && own !== name) return otherSource;
  const source = context.books[0]?.intake.catalogue.source(name) ?? (await readSources(context.pool, [name]))[0];
  const held = source === undefined ? undefined : bookOf(context, source.bookId);
  return source === undefined || held === undefined ? unknownSource : { held, source };
}

const wrongCode = refusal(
  'unauthorised',
  'code_wrong',
  'this code does not open this gift',
  '该捐赠码与这笔捐赠不符',
  'code',
);
const otherSource = refusal(
  'unauthorised',
  'other_source',
  'this key belongs to another source',
  '该密钥属于另一个来源（商城）',
);
const unknownSource = refusal('missing', 'source_unknown', 'there is no such source', '没有此来源（商城）');
const sourceMissing = refusal(
  'invalid',
  'source_missing',
  "source is needed with an operator's key",
  '使用运营者密钥时须指明来源（商城）source',
  'source',
);
