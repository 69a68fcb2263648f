/** Routes of the public site in Fastify: `/`, `/en/…`, `/zh/…`, `/assets/…`, and the error page for every other address. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { apiOf } from './ask-api.ts';
import { openSite, type Site } from './open-site.ts';
import { isForeign, securityHeaders, send, toRequest } from './request-response.ts';
import { unbuilt } from './unbuilt-page.ts';

export interface WebOptions {
  /** Whether the figures are demo data: every page says so. Asked for each page. */
  demo: () => boolean;
}

/** Bytes of a form: a gift code and a little. */
const formBytes = 4096;
/** Addresses that are for programs: what is missing there is answered by the API, not by a page. */
const machine = /^\/(v1|log|books|assets|healthz|metrics|openapi\.json)(\/|$|\?)/;
const yearSeconds = 365 * 24 * 3600;

/** Register within a scope of its own (no fastify-plugin): it reads forms, the API does not. A site that cannot be built never stops the server. */
export async function web(app: FastifyInstance, options: WebOptions): Promise<void> {
  const site = await openSite().catch((error: unknown) => {
    app.log.error({ err: error }, 'the site is not there: its pages answer 503, everything else works');
    return null;
  });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer', bodyLimit: formBytes },
    (_request, body, done) => done(null, body),
  );
  if (site !== null) await serveAssets(app, site);
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    bodyLimit: formBytes,
    handler: (request, reply) => page(app, site, options, request, reply),
  });
}

async function serveAssets(app: FastifyInstance, { assets }: Site): Promise<void> {
  // Names carry a hash of the content.
  const forever = { immutable: true, maxAge: yearSeconds * 1000, preCompressed: true, index: false as const };
  for (const [prefix, root] of Object.entries(assets)) {
    await app.register(fastifyStatic, { root, prefix, decorateReply: false, ...forever });
  }
}

async function page(
  app: FastifyInstance,
  site: Site | null,
  options: WebOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (machine.test(request.url)) {
    reply.callNotFound();
    return reply;
  }
  const remembered = languageCookie(request);
  if (site === null) return reply.code(503).headers(unbuilt.headers).send(unbuilt.page(remembered));
  if (isForeign(request)) return reply.code(400).headers(securityHeaders).send();
  const asked = toRequest(request);
  const about = {
    api: apiOf(app, request),
    remembered,
    report: (error: unknown) => app.log.error({ err: error }, 'a page failed'),
    demo: options.demo(),
    site: new URL(asked.url).origin,
    live: site.live,
  };
  const now = /^\/(en|zh)(\/|$|\?)/.exec(request.url)?.[1];
  if (now !== undefined && now !== remembered) {
    reply.header('set-cookie', `language=${now}; Path=/; Max-Age=${yearSeconds}; SameSite=Lax`);
  }
  return send(reply, request, await site.respond(asked, about));
}

function languageCookie(request: FastifyRequest): 'en' | 'zh' | undefined {
  const found = /(?:^|;\s*)language=(en|zh)(?:;|$)/.exec(request.headers.cookie ?? '');
  return found?.[1] as 'en' | 'zh' | undefined;
}
