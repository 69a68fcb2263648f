/** The wire contract: what a request may hold and what an answer says. The server validates with it and prints its OpenAPI from it. */
export * from './bulk.ts';
export * from './error.ts';
export * from './giving/gift.ts';
export * from './giving/item.ts';
export * from './giving/merchant.ts';
export * from './giving/order-event.ts';
export * from './giving/order-result.ts';
export * from './giving/pledge.ts';
export * from './giving/read-order-event.ts';
export * from './giving/recipient.ts';
export * from './giving/reconciliation.ts';
export * from './giving/source.ts';
export * from './giving/total.ts';
export * from './health.ts';
export * from './limits.ts';
export * from './problem.ts';
export * from './words.ts';
