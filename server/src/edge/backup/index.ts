/** Backups of the whole installation: made while it runs, read again, restored only into an empty one. */
export { type BackupOptions, backup, verifyBackup } from './backup.ts';
export { Manifest, readManifest } from './manifest.ts';
export { type RestoreOptions, restore } from './restore.ts';
