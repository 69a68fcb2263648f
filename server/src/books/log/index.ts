export { Batch } from './batch.ts';
export { type BookRow, ensureBook } from './head-store.ts';
export { type Family, type Receipt, type Work, Writer, type WriterOptions, type WriterState } from './writer.ts';
