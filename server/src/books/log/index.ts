export { Backlog, type BacklogBounds, defaultBounds } from './backlog.ts';
export { Batch } from './batch.ts';
export { type FaultPoint, type FaultPoints, faultPoints, noFaults } from './fault-points.ts';
export { type Condition, IntegrationLoop, type IntegrationState, notStarted } from './follow.ts';
export { type FsckOptions, type FsckReport, fsck, type Problem } from './fsck.ts';
export { type BookRow, ensureBook, listBooks } from './head-store.ts';
export { Integrator, type IntegratorOptions, type Pass } from './integrate.ts';
export { readState } from './integration-store.ts';
export { keyPaths, newKeyText, parseKeyText, readKeyFile, type SigningKey } from './key-file.ts';
export { addKey } from './key-store.ts';
export { type LogFiles, LogStopped, type NewFile, type StopReason } from './log-files.ts';
export {
  ensureLogKeys,
  type KeyEntry,
  type LoadedKeys,
  loadLogKeys,
  newLogKey,
  type Rotation,
  rotateLogKey,
} from './log-keys.ts';
export { type ProvedEntries, type ProvedEntry, Prover, type PublishedCheckpoint } from './prove.ts';
export { type Answer, answersOf, type Behind } from './questions.ts';
export { type RescuedEntries, type RescueOptions, type RescueReport, rescueBook } from './rescue.ts';
export { closeBook, closeWindow, type LostWindow, openWindows } from './rescue-store.ts';
export { type LogKeys, signCheckpoint, signNote } from './sign.ts';
export { type Family, type Receipt, type Work, Writer, type WriterOptions, type WriterState } from './writer.ts';
