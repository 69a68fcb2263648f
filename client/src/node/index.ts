/** What needs Node: evidence kept in files. */
export { inFolder } from './file-memory.ts';
