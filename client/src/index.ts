/** What a marketplace runs against Rivulet: the contract's types and a client over fetch, for Node and browsers. */
export type * from './contract/index.ts';
export { type Chunk, chunksOf } from './lines.ts';
export { LogBroken } from './log/log-broken.ts';
export { LogWatch, type PromiseVerdict } from './log/log-watch.ts';
export { inMemory, type KeptLog, type KeptPromise, type LogMemory } from './log/memory.ts';
export { type IntakePromise, parsePromise } from './log/promise.ts';
export { OutOfReach, RequestRefused } from './request-refused.ts';
export type { RetryRule } from './retry.ts';
export { type ClientOptions, RivuletClient, type SendOptions, type SentOrders } from './rivulet-client.ts';
export type { TransportOptions } from './transport.ts';
