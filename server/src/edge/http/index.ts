/** HTTP from outside: the server, who may call what, and how refusals and faults are answered. */
export type { Access, Caller, Identify } from './access.ts';
export { type AppOptions, buildApp } from './app.ts';
export type { LookAtHealth } from './health.ts';
export type { Language } from './language.ts';
export { newRegistry } from './metrics.ts';
export type { Rates } from './rate-limit.ts';
