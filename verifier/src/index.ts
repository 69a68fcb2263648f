export * from './bytes.ts';
export * from './entry/amount.ts';
export * from './entry/apportion.ts';
export * from './entry/canonical.ts';
export * from './tlog/checkpoint.ts';
export * from './tlog/merkle.ts';
export * from './tlog/note.ts';
export { type Sha256, sha256, useSha256 } from './tlog/sha256.ts';
export * from './tlog/tile.ts';
