/** The public pages: built from web/ when stale, rendered in this process, fed by our own HTTP API and nothing else. */
export { type WebOptions, web } from './plugin.ts';
