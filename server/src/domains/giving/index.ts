/** Giving: orders become gifts, exactly once. */
export { auditGiving } from './audit.ts';
export type { GivingBook, GivingContext, LogView, ProvedEntries } from './book.ts';
export { tallyDays } from './days/tally-days.ts';
export { GiftCodes } from './intake/answer/gift-code.ts';
export { dropExpiredReturns } from './intake/expire-returns.ts';
export { Intake } from './intake/intake.ts';
export { type KeyHolder, Keys, type NewKey } from './keys.ts';
export { sourceExists } from './keys-store.ts';
export { GivingRestore } from './lost/restore-entries.ts';
export { countLost } from './lost/store.ts';
export { totalsAgree } from './lost/totals-agree.ts';
export * from './registry/index.ts';
export { addGivingRoutes } from './routes.ts';
export { knowsSecret, marksSecret } from './secret-mark-store.ts';
