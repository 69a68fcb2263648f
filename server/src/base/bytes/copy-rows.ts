/**
 * A script: statements and COPY of many tables in one round trip. It is one simple query of several statements, and all the data is sent behind it
 * without waiting to be asked. The protocol allows it: the server reads each statement's data in turn, and after an error drops what still comes
 * (https://www.postgresql.org/docs/18/protocol-flow.html, "COPY Operations").
 */
import type { Readable } from 'node:stream';
import type { ClientBase, Connection, Submittable } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { BinaryRows } from './binary-rows.ts';

/** Rows on their way into a table, for example `ledger.move (book_id, first, next)`. */
export interface Copy {
  readonly target: string;
  readonly rows: BinaryRows;
}

/** In this order. Copies without rows are left out. */
export interface Script {
  readonly before: readonly string[];
  readonly copies: readonly Copy[];
  readonly after: readonly string[];
}

/**
 * Runs it, and gives the rows' memory back.
 * @throws the database's error, 23505 for a duplicate key; nothing behind the statement that failed was run, and the connection stays usable
 */
export async function runScript(client: ClientBase, { before, copies, after }: Script): Promise<void> {
  const some = copies.filter(({ rows }) => rows.count > 0);
  if (before.length + some.length + after.length > 0)
    await new Promise<void>((resolve, reject) => {
      client.query(
        new ScriptQuery({ before, copies: some, after }, (error) => (error === null ? resolve() : reject(error))),
      );
    });
  // The database has answered, so nobody reads them any more. After an error somebody might: they are not given back.
  for (const { rows } of copies) rows.release();
}

/** Copies all of them, in order. */
export async function copyRows(client: ClientBase, copies: readonly Copy[]): Promise<void> {
  await runScript(client, { before: [], copies, after: [] });
}

/** The rows of a query in the same format, as they come. */
export function copyOut(client: ClientBase, query: string): Readable {
  return client.query(copyTo(`copy (${query}) to stdout (format binary)`));
}

const copyData = 0x64;
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);
/** A message may be as long as a buffer; the socket takes it piece by piece. */
const headerBytes = 5;

/** What `pg` calls while this is the query under way. */
class ScriptQuery implements Submittable {
  readonly #script: Script;
  readonly #done: (error: Error | null) => void;

  constructor(script: Script, done: (error: Error | null) => void) {
    this.#script = script;
    this.#done = done;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    const { before, copies, after } = this.#script;
    const copying = copies.map(({ target }) => `copy ${target} from stdin (format binary)`);
    connection.query([...before, ...copying, ...after].join(';\n'));
    for (const { rows } of copies) {
      const data = rows.finish();
      const header = Buffer.alloc(headerBytes, copyData);
      header.writeUInt32BE(data.length + 4, 1);
      stream.write(header);
      stream.write(data);
      stream.write(copyDone);
    }
    stream.uncork();
  }

  /** Of the database, or of the connection. `pg` sends the next query once the database is ready again. */
  handleError(error: Error): void {
    this.#done(error);
  }

  handleReadyForQuery(): void {
    this.#done(null);
  }

  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}
}
