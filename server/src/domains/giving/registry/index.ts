export { Catalogue, type NoTerms, type Source } from './catalogue.ts';
export { keepGiven } from './load.ts';
export { Registry } from './registry.ts';
export { addRegistryRoutes } from './routes.ts';
export { type Share, seenWithinMs, type Terms } from './terms.ts';
