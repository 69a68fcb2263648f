export { auditLedger } from './audit.ts';
export { accountsAtOnce, type CloseSaid, closeAgrees, closeWork } from './close-books.ts';
export { Ledger } from './ledger.ts';
export type { Back, Move, Totals, Waiting } from './positions.ts';
export { backItem, type Posting, writeMove } from './posting.ts';
export { accountsAgree, type ReadEntry, readEntries, restoreLedger, settleRestored } from './restore-entries.ts';
