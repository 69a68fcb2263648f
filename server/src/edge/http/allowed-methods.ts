/** Which methods an address of the API knows: 405 with Allow for another one, rather than 404. */
import type { FastifyInstance } from 'fastify';

/** Register before any route. @returns the methods that a path under /v1/ has routes for, sorted; none when nothing is there */
export function addAllowedMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { parts: string[]; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url.startsWith('/v1/')) routes.push({ parts: url.split('/'), methods: [method].flat() });
  });
  return (path) => {
    const parts = path.split('/');
    const found = routes.filter((route) => isAt(route.parts, parts)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  };
}

function isAt(route: string[], path: string[]): boolean {
  return route.length === path.length && route.every((part, i) => part.startsWith(':') || part === path[i]);
}
