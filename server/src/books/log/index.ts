export { Batch } from './batch.ts';
export { type FaultPoint, type FaultPoints, faultPoints, noFaults } from './fault-points.ts';
export { type FsckOptions, type FsckReport, fsck, type Problem } from './fsck/fsck.ts';
export { type BookRow, ensureBook, listBooks, readHead } from './head-store.ts';
export { Backlog, type BacklogBounds } from './integration/backlog.ts';
export { type Condition, IntegrationLoop, type IntegrationState, notStarted } from './integration/follow.ts';
export { Integrator, type IntegratorOptions, type Pass } from './integration/integrate.ts';
export { readState } from './integration/integration-store.ts';
export { type Answer, answersOf, type Behind } from './integration/questions.ts';
export { keyPaths, newKeyText, parseKeyText, readKeyFile, type SigningKey } from './keys/key-file.ts';
export { addKey } from './keys/key-store.ts';
export {
  ensureLogKeys,
  type KeyEntry,
  type KeyExchange,
  type LoadedKeys,
  loadLogKeys,
  newLogKey,
  rotateLogKey,
} from './keys/log-keys.ts';
export { type LogKeys, signCheckpoint, signNote } from './keys/sign.ts';
export { type LogFiles, LogStopped, type NewFile, type StopReason } from './log-files.ts';
export { type ProvedEntries, type ProvedEntry, Prover, type PublishedCheckpoint } from './prove.ts';
export { type RescuedEntries, type RescueOptions, type RescueReport, rescueBook } from './rescue/rescue.ts';
export { closeBook, closeWindow, type LostWindow, openWindows } from './rescue/rescue-store.ts';
export type { Family, Receipt, Work } from './work.ts';
export { Writer, type WriterOptions, type WriterState } from './writer.ts';
