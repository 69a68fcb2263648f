// Renders a page to plain HTML, once. Nothing is hydrated: no script of React's reaches the browser.
import { renderToStaticMarkup } from 'react-dom/server';
import {
  createRequestHandler,
  type EntryContext,
  RouterContextProvider,
  type ServerBuild,
  ServerRouter,
} from 'react-router';
import { type Visit, visit } from './shell/visit.ts';

export default function handleRequest(request: Request, status: number, headers: Headers, context: EntryContext) {
  // The data that hydration would need; nobody reads it.
  context.serverHandoffStream?.cancel();
  const page = renderToStaticMarkup(<ServerRouter context={context} url={request.url} />);
  headers.set('content-type', 'text/html; charset=utf-8');
  return new Response(`<!doctype html>${page}`, { status, headers });
}

export function handleError(error: unknown, { context }: { context: Readonly<RouterContextProvider> }) {
  context.get(visit).report(error);
}

/** The face of this bundle for the server: from its build to a function that answers requests. */
export function openSite(build: ServerBuild): (request: Request, about: Visit) => Promise<Response> {
  const respond = createRequestHandler(build, 'production');
  return (request, about) => {
    const context = new RouterContextProvider();
    context.set(visit, about);
    return respond(request, context);
  };
}
