/** HTTP of the registry: what operators and sources say, and the lists of it. */
import {
  FeedRow,
  Item,
  ItemAnswer,
  ItemRow,
  Merchant,
  MerchantAnswer,
  MerchantRow,
  PageQuery,
  Pledge,
  PledgeAnswer,
  PledgeEnded,
  PledgeParams,
  PledgeRow,
  pageOf,
  Recipient,
  RecipientAnswer,
  RecipientRow,
  rowsOf,
  Source,
  SourceAnswer,
  SourceBody,
  SourceParams,
} from '@rivulet/client/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRefusal, type Refusal, refusal } from '#base/refusal';
import { bookOf, type GivingBook, type GivingContext } from '../book.ts';
import { listItems, listMerchants, listPledges, listRecipients, listSources, readFeed } from './list-store.ts';
import { putItems } from './put-items.ts';
import { putMerchants } from './put-merchants.ts';
import { endPledge, putPledges } from './put-pledges.ts';
import { putRecipients } from './put-recipients.ts';
import type { Language } from './put-rows.ts';
import { putSource } from './put-source.ts';
import { readSources } from './store.ts';

interface OfSource {
  Params: { source: string };
  Querystring: PageQuery;
}

export function addRegistryRoutes(app: FastifyInstance, context: GivingContext): void {
  addSources(app, context);
  addRecipients(app, context);
  addMerchants(app, context);
  addPledges(app, context);
  addItems(app, context);
}

function addSources(app: FastifyInstance, context: GivingContext): void {
  app.put<{ Params: { source: string }; Body: SourceBody }>('/v1/giving/sources/:source', {
    config: { access: 'operator' },
    schema: {
      summary: 'Name a marketplace, or change it',
      params: SourceParams,
      body: SourceBody,
      response: { 200: SourceAnswer },
    },
    handler: ({ params, body }) => putSource(context, params.source, body),
  });
  app.get<{ Querystring: PageQuery }>('/v1/giving/sources', {
    config: { access: 'operator' },
    schema: { summary: 'Marketplaces', querystring: PageQuery, response: { 200: pageOf(Source) } },
    handler: ({ query }) => listSources(context, query),
  });
}

function addRecipients(app: FastifyInstance, context: GivingContext): void {
  app.put('/v1/giving/recipients', {
    config: { access: 'operator', rows: true },
    schema: { summary: 'Name recipients', body: rowsOf(RecipientRow), response: { 200: RecipientAnswer } },
    handler: ({ rows, language }) => putRecipients(context, rows, language),
  });
  app.get<{ Querystring: PageQuery }>('/v1/giving/recipients', {
    config: { access: 'source' },
    schema: { summary: 'Whom pledges may name', querystring: PageQuery, response: { 200: pageOf(Recipient) } },
    handler: ({ query }) => listRecipients(context.pool, query),
  });
}

function addMerchants(app: FastifyInstance, context: GivingContext): void {
  app.put('/v1/giving/sources/:source/merchants', {
    config: { access: 'source', rows: true },
    schema: {
      summary: 'Name merchants, with their agreements',
      params: SourceParams,
      body: rowsOf(MerchantRow),
      response: { 200: MerchantAnswer },
    },
    handler: (request) => putting(context, request, putMerchants),
  });
  app.get<OfSource>('/v1/giving/sources/:source/merchants', {
    config: { access: 'source' },
    schema: {
      summary: 'Merchants of a source',
      params: SourceParams,
      querystring: PageQuery,
      response: { 200: pageOf(Merchant) },
    },
    handler: (request) => listing(context, request, listMerchants),
  });
}

function addPledges(app: FastifyInstance, context: GivingContext): void {
  const path = '/v1/giving/sources/:source/pledges';
  app.put(path, {
    config: { access: 'source', rows: true },
    schema: {
      summary: 'Make pledges, or their next versions',
      params: SourceParams,
      body: rowsOf(PledgeRow),
      response: { 200: PledgeAnswer },
    },
    handler: (request) => putting(context, request, putPledges),
  });
  app.get<OfSource>(path, {
    config: { access: 'source' },
    schema: {
      summary: 'Pledges of a source, each in its newest version',
      params: SourceParams,
      querystring: PageQuery,
      response: { 200: pageOf(Pledge) },
    },
    handler: (request) => listing(context, request, listPledges),
  });
  app.delete<{ Params: { source: string; pledge: string } }>(`${path}/:pledge`, {
    config: { access: 'source' },
    schema: { summary: 'End a pledge now', params: PledgeParams, response: { 200: PledgeEnded } },
    handler: async ({ params }) => {
      const held = await heldOf(context, params.source);
      return isRefusal(held) ? held : endPledge(held, params.source, params.pledge);
    },
  });
}

function addItems(app: FastifyInstance, context: GivingContext): void {
  app.put('/v1/giving/sources/:source/items', {
    config: { access: 'source', rows: true },
    schema: {
      summary: 'Which pledge an item carries',
      params: SourceParams,
      body: rowsOf(ItemRow),
      response: { 200: ItemAnswer },
    },
    handler: (request) => putting(context, request, putItems),
  });
  app.get<OfSource>('/v1/giving/sources/:source/items', {
    config: { access: 'source' },
    schema: {
      summary: 'Items and their pledges, from when',
      params: SourceParams,
      querystring: PageQuery,
      response: { 200: pageOf(Item) },
    },
    handler: (request) => listing(context, request, listItems),
  });
  app.get<OfSource>('/v1/giving/sources/:source/feed', {
    config: { access: 'source' },
    schema: {
      summary: 'Pledged items: report the order lines of these',
      params: SourceParams,
      querystring: PageQuery,
      response: { 200: pageOf(FeedRow) },
    },
    handler: (request) => listing(context, request, readFeed),
  });
}

type PutRows = (held: GivingBook, source: string, rows: readonly unknown[], language: Language) => Promise<unknown>;

/** Access by the key's scope was checked before; here the source must exist. */
async function putting(context: GivingContext, request: FastifyRequest, put: PutRows): Promise<unknown> {
  const { source } = request.params as { source: string };
  const held = await heldOf(context, source);
  return isRefusal(held) ? held : put(held, source, request.rows, request.language);
}

type ReadList = (pool: GivingContext['pool'], source: string, page: PageQuery) => Promise<unknown>;

/** A source that does not exist has no lists, rather than empty ones. */
async function listing(
  context: GivingContext,
  { params, query }: { params: { source: string }; query: PageQuery },
  list: ReadList,
): Promise<unknown> {
  const held = await heldOf(context, params.source);
  return isRefusal(held) ? held : list(context.pool, params.source, query);
}

/** The book that a source's facts go to, from the database: also a process that does not write knows its sources. */
async function heldOf(context: GivingContext, source: string): Promise<GivingBook | Refusal> {
  const [row] = await readSources(context.pool, [source]);
  return (row && bookOf(context, row.bookId)) ?? sourceUnknown;
}

const sourceUnknown = refusal('missing', 'source_unknown', 'there is no such source', '没有此来源（商城）');
