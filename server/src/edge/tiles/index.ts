/** The log outside the database: tile stores and guard files on disk, the thread that integrates, and the log over HTTP. */
export { BookLog, type BookLogOptions } from './book-log.ts';
export { type ServedLog, type ServeLogOptions, serveLog } from './serve-log.ts';
export { keepPartialsMs, sweepPartials } from './sweep-partials.ts';
export { placesOf, TileFolder } from './tile-folder.ts';
