/** `rivulet audit`: every rule of the books, from the database's rows. `rivulet fsck`: every byte of their logs. Also while a server runs. */
import { join } from 'node:path';
import type { Finding } from '#base/finding';
import { auditLedger } from '#books/ledger';
import { type BookRow, fsck, listBooks, loadLogKeys } from '#books/log';
import { auditGiving } from '#domains/giving';
import { type Database, openDatabase } from '#edge/postgres';
import { placesOf, TileFolder } from '#edge/tiles';
import type { InstallationSettings } from './installation.ts';
import { tell } from './telemetry.ts';

/** @returns exit code: 1 when something does not hold */
export async function audit(settings: InstallationSettings): Promise<number> {
  return await eachBook(settings, async (book, database) => {
    const findings = await auditBook(database, book.bookId);
    for (const { check, ok, detail } of findings)
      tell(`${ok ? 'ok    ' : 'BROKEN'} ${book.book}: ${check}${detail && `: ${detail}`}`);
    return findings.every(({ ok }) => ok);
  });
}

/** All audits of one book over one snapshot. */
export async function auditBook(database: Pick<Database, 'connect'>, bookId: number): Promise<Finding[]> {
  const client = await database.connect('rivulet audit');
  try {
    await client.query('begin isolation level repeatable read read only');
    // Whole tables are joined here. On young tables, never analysed, the planner takes them for small and would loop over them.
    await client.query(`set local enable_nestloop = off; set local work_mem = '128MB'`);
    return [...(await auditLedger(client, bookId)), ...(await auditGiving(client, bookId))];
  } finally {
    await client.end();
  }
}

/** @returns exit code: 1 when a file or row is not what it must be */
export async function checkLogs(settings: InstallationSettings): Promise<number> {
  return await eachBook(settings, async (book, database) => {
    const { folder, guardPath } = placesOf(settings.dataFolder, book.book);
    const { keys, retired } = await loadLogKeys(join(settings.dataFolder, 'secrets'), book);
    const witness = keys.witness === null ? [] : [keys.witness.verifier];
    const client = await database.connect('rivulet fsck');
    try {
      const files = new TileFolder(folder, guardPath);
      const report = await fsck({ book, files, client, keys: [keys.log.verifier, ...witness, ...retired] });
      for (const { place, words } of report.problems) tell(`BROKEN ${place}: ${words}`);
      const sound = report.problems.length === 0;
      tell(
        `${book.book}: ${report.size} entries, ${report.files} files, ${report.rows} rows: ${sound ? 'sound' : 'NOT sound'}`,
      );
      return sound;
    } finally {
      await client.end();
    }
  });
}

async function eachBook(
  { dataFolder, databaseUrl }: InstallationSettings,
  look: (book: BookRow, database: Database) => Promise<boolean>,
): Promise<number> {
  const database = await openDatabase({ dataFolder, databaseUrl, tell: () => {} });
  try {
    let good = true;
    for (const book of await listBooks(database.pool)) good = (await look(book, database)) && good;
    return good ? 0 : 1;
  } finally {
    await database.close();
  }
}
