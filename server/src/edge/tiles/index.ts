/** The log outside the database: tile stores and guard files on disk, the thread that integrates, and the log over HTTP. */
export { placesOf, TileFolder } from './tile-folder.ts';
