/**
 * `rivulet book rescue BOOK`: the database is from before the published checkpoint. Everything public comes back from the log, or nothing changes.
 * What is not public is for the sources to send again. docs/operating/rescue.md.
 */
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { Ledger, readEntries, restoreLedger } from '#books/ledger';
import { type BookRow, closeBook, listBooks, loadLogKeys, openWindows, readState, rescueBook } from '#books/log';
import { countLost, GivingRestore } from '#domains/giving';
import { openDatabase } from '#edge/postgres';
import { placesOf, TileFolder } from '#edge/tiles';
import type { InstallationSettings } from '../installation.ts';
import { findServer } from '../reach-server.ts';
import { tell } from '../telemetry.ts';
import { checkRestored, sayProgress } from './check-restored.ts';

/** @param close end the book for good instead @returns exit code @throws Error in words for the operator; nothing was changed then */
export async function rescue(settings: InstallationSettings, name: string, close: boolean): Promise<number> {
  const { dataFolder, databaseUrl } = settings;
  const server = await findServer(dataFolder);
  if (server !== null) throw new Error(`a server runs at ${server.url}: stop it first`);
  const database = await openDatabase({ dataFolder, databaseUrl, tell });
  try {
    const book = (await listBooks(database.pool)).find((candidate) => candidate.book === name);
    if (book === undefined) throw new Error(`there is no book ${name}`);
    const client = await database.connect('rivulet rescue');
    try {
      await (close ? closeForGood(client, book) : bringBack(client, book, dataFolder));
      return 0;
    } finally {
      await client.end();
    }
  } finally {
    await database.close();
  }
}

async function closeForGood(client: ClientBase, { book, bookId }: BookRow): Promise<void> {
  await closeBook(client, bookId);
  tell(`Book ${book} is closed for good: it takes and signs nothing any more. What it published stays, and is served.`);
  tell('New gifts need a new installation, with a data folder and an origin of its own: docs/operating/rescue.md.');
}

async function bringBack(client: ClientBase, book: BookRow, dataFolder: string): Promise<void> {
  const { bookId } = book;
  if ((await readState(client, bookId))?.closed) throw new Error(`book ${book.book} was closed for good`);
  const { keys, retired } = await loadLogKeys(join(dataFolder, 'secrets'), book);
  const witness = keys.witness === null ? [] : [keys.witness.verifier];
  const all = [keys.log.verifier, ...witness, ...retired];
  const { folder, guardPath } = placesOf(dataFolder, book.book);
  const files = new TileFolder(folder, guardPath);
  const giving = new GivingRestore(new Ledger(bookId));
  const say = sayProgress(`book ${book.book}: entries restored`);
  tell(`book ${book.book}: comparing the database with what was published`);
  const { from, to, restored, wasBehind } = await rescueBook({
    book,
    files,
    client,
    keys: all,
    async restore(tx, { first, next, entries }) {
      const read = readEntries(first, entries);
      await restoreLedger(tx, bookId, next, read);
      await giving.restore(tx, next, read);
    },
    check: (tx) => checkRestored(tx, book, files, all),
    onProgress: say,
  });
  if (!wasBehind) tell(`book ${book.book}: the database is not behind what was published; nothing was changed`);
  else tell(`book ${book.book}: ${restored} entries restored, ${from} to ${to}; every audit passes`);
  if (giving.unknown > 0) {
    tell(
      `book ${book.book}: ${giving.unknown} merchants or versions of pledges are new to the database; their own ids are in no log`,
    );
  }
  await sayWindow(client, book);
}

async function sayWindow(client: ClientBase, { book, bookId }: BookRow): Promise<void> {
  const { gifts, returns } = await countLost(client, bookId);
  if ((await openWindows(client, bookId)).length === 0) return tell(`book ${book}: start the server, it goes on`);
  tell(`book ${book}: ${gifts} gifts and ${returns} returns are back, but whose they are is in no log.`);
  tell('Start the server and have the sources send again every order and return since the backup. Until each of these');
  tell('gifts and returns is matched, nothing new is taken: orders are answered with 503 window_open and sent again.');
}
