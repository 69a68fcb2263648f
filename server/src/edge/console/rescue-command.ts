/**
 * `rivulet book rescue BOOK`: the database is from before the published checkpoint. Everything public comes back from the log, or nothing changes.
 * What is not public is for the sources to send again. docs/operating/rescue.md.
 */
import { join } from 'node:path';
import { audit as auditLog, Failure, type LogSource, type VerifierKey } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { Finding } from '#base/finding';
import { accountsAgree, auditLedger, Ledger, readEntries, restoreLedger, settleRestored } from '#books/ledger';
import {
  type BookRow,
  closeBook,
  closeWindow,
  type LogFiles,
  listBooks,
  loadLogKeys,
  openWindows,
  readState,
  rescueBook,
} from '#books/log';
import { auditGiving, countLost, GivingRestore, totalsAgree } from '#domains/giving';
import { openDatabase } from '#edge/postgres';
import { placesOf, TileFolder } from '#edge/tiles';
import type { InstallationSettings } from './installation.ts';
import { findServer } from './reach-server.ts';
import { tell } from './telemetry.ts';

const progressMs = 2_000;

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

/** Undoes everything by throwing. */
async function checkRestored(
  tx: ClientBase,
  book: BookRow,
  files: LogFiles,
  keys: readonly VerifierKey[],
): Promise<void> {
  const { bookId } = book;
  await settleRestored(tx, bookId);
  await closeWindowsWithNothing(tx, bookId);
  tell(`book ${book.book}: auditing`);
  const findings = [...(await auditLedger(tx, bookId)), ...(await auditGiving(tx, bookId))];
  findings.push(...(await compareWithLog(tx, book, files, keys)));
  const broken = findings.filter(({ ok }) => !ok);
  if (broken.length === 0) return;
  for (const { check, detail } of broken) tell(`BROKEN ${book.book}: ${check}: ${detail}`);
  throw new Error(`book ${book.book} was not rescued and nothing was changed: ${broken.length} audits do not pass`);
}

/** The whole log replayed as a stranger would, to the accounts and totals that the database has now. */
async function compareWithLog(
  tx: ClientBase,
  book: BookRow,
  files: LogFiles,
  keys: readonly VerifierKey[],
): Promise<Finding[]> {
  const state = await readState(tx, book.bookId);
  // Entries beyond the checkpoint are in the database alone, as before every signature.
  if (state?.signed == null || state.head !== state.signed.size) return [];
  const note = new TextEncoder().encode(state.signed.note);
  const log: LogSource = {
    name: files.place,
    read: async (path) => (path === 'checkpoint' ? note : await files.read(path)),
  };
  const say = sayProgress(`book ${book.book}: entries replayed`);
  try {
    const { replay } = await auditLog(log, { keys, onProgress: ({ done, size }) => say(done, size) });
    return [await accountsAgree(tx, book.bookId, replay), await totalsAgree(tx, book.bookId, replay)];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [{ check: 'the log replays by its own rules', ok: false, detail: `${error.where}: ${error.message}` }];
  }
}

/** A window without a gift or return has nothing to match. */
async function closeWindowsWithNothing(tx: ClientBase, bookId: number): Promise<void> {
  const { gifts, returns } = await countLost(tx, bookId);
  if (gifts + returns > 0) return;
  for (const { from } of await openWindows(tx, bookId)) await closeWindow(tx, bookId, from);
}

async function sayWindow(client: ClientBase, { book, bookId }: BookRow): Promise<void> {
  const { gifts, returns } = await countLost(client, bookId);
  if ((await openWindows(client, bookId)).length === 0) return tell(`book ${book}: start the server, it goes on`);
  tell(`book ${book}: ${gifts} gifts and ${returns} returns are back, but whose they are is in no log.`);
  tell('Start the server and have the sources send again every order and return since the backup. Until each of these');
  tell('gifts and returns is matched, nothing new is taken: orders are answered with 503 window_open and sent again.');
}

/** Says how far it is, now and then. */
function sayProgress(what: string): (done: number, total: number) => void {
  let last = Date.now();
  return (done, total) => {
    if (Date.now() - last < progressMs) return;
    last = Date.now();
    tell(`${what}: ${done} of ${total}`);
  };
}
