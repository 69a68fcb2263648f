/** `rivulet log-key new BOOK` begins the exchange of a log's signing key; the next start of the server carries it out. docs/operating/log-keys.md. */
import { join } from 'node:path';
import { addKey, newLogKey, rotateLogKey } from '#books/log';
import type { Database } from '#edge/postgres';
import type { InstallationSettings } from './installation.ts';
import type { OpenBook } from './open-books.ts';
import { tell } from './telemetry.ts';

export async function newKeyOfLog({ dataFolder }: InstallationSettings, book: string): Promise<void> {
  const vkey = await newLogKey(join(dataFolder, 'secrets'), book);
  tell(vkey);
  tell('Restart the server: it announces this key in the log, signed by the old one, and signs with it from then on.');
}

/** Carries out an exchange that waits, from wherever the last attempt stopped. @returns whether there was one */
export async function exchangeKey(held: OpenBook, database: Database, dataFolder: string): Promise<boolean> {
  const { book, writer, ledger, log } = held;
  const client = await database.connect('rivulet keys');
  try {
    return await rotateLogKey({
      secrets: join(dataFolder, 'secrets'),
      row: book,
      client,
      async append(entry, key) {
        const { result } = await writer.submit({
          family: ledger,
          size: 1,
          build(batch) {
            const index = batch.append(entry);
            batch.write((tx) => addKey(tx, batch.bookId, index, key));
            return index;
          },
        });
        return result;
      },
      published: (size) => log.waitFor(size),
      prove: (index) => log.prove([index]),
      reload: () => log.reloadKeys(),
    });
  } finally {
    await client.end();
  }
}
