/** Before a rescue is committed: every audit of the rows, and a replay of the whole log that must come to the same accounts and totals. */
import { audit as auditLog, Failure, type LogSource, type VerifierKey } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { Finding } from '#base/finding';
import { accountsAgree, auditLedger, settleRestored } from '#books/ledger';
import { type BookRow, closeWindow, type LogFiles, openWindows, readState } from '#books/log';
import { auditGiving, countLost, totalsAgree } from '#domains/giving';
import { tell } from '../telemetry.ts';

const progressMs = 2_000;

/** @throws Error when something does not hold, which undoes the rescue */
export async function checkRestored(
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

/** Says how far it is, now and then. */
export function sayProgress(what: string): (done: number, total: number) => void {
  let last = Date.now();
  return (done, total) => {
    if (Date.now() - last < progressMs) return;
    last = Date.now();
    tell(`${what}: ${done} of ${total}`);
  };
}
