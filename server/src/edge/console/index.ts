/** The commands, and the server that `start` runs. */
export { audit, checkLogs } from './audit-command.ts';
export { backUp, restoreBackup } from './backup-command.ts';
export { listKeys, newOperatorKey, newSourceKey, revokeKey } from './keys-command.ts';
export { newKeyOfLog } from './log-key-command.ts';
export { migrateDatabase } from './migrate-command.ts';
export { rescue } from './rescue/rescue-book.ts';
export { type RunningServer, type ServerSettings, startServer } from './server.ts';
export { start } from './start.ts';
