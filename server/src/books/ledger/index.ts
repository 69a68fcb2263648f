export { auditLedger } from './audit.ts';
export { Ledger } from './ledger.ts';
export { type Back, type Move, Positions, type Totals, type Waiting } from './positions.ts';
export { backItem, moveItem, type Posting } from './posting.ts';
