export { Catalogue, type NoTerms, type Source } from './catalogue.ts';
export { type Share, seenWithinMs, type Terms } from './terms.ts';
