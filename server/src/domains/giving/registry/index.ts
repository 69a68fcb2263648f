export type { Share, Terms } from '../pledge/terms.ts';
export { Catalogue, type NoTerms, type Source } from './catalogue.ts';
export { keepGivenSoFar, knowSources } from './load-store.ts';
export { Registry } from './registry.ts';
export { addRegistryRoutes } from './routes.ts';
