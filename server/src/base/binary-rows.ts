/**
 * Rows in PostgreSQL's binary COPY format, written into one growing buffer: no object and no text a row.
 * Format: https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format".
 */
import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const header = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const high32 = 4294967296;

export class BinaryRows {
  #bytes: Buffer;
  #end: number;
  count = 0;

  /** @param capacity first size in bytes; it doubles as needed */
  constructor(capacity = 65536) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacity, 256));
    this.#end = header.copy(this.#bytes);
  }

  /** Begins a row of `fields` fields; the caller then writes exactly so many, in column order. */
  row(fields: number): void {
    this.#room(2);
    this.#end = this.#bytes.writeInt16BE(fields, this.#end);
    this.count++;
  }

  int2(value: number): void {
    this.#field(2);
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
  }

  int4(value: number): void {
    this.#field(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  /** A bigint column from a safe integer, -2^53 … 2^53. */
  int8(value: number): void {
    this.#field(8);
    const high = Math.floor(value / high32);
    this.#bytes.writeInt32BE(high, this.#end);
    this.#end = this.#bytes.writeUInt32BE(value - high * high32, this.#end + 4);
  }

  bigint(value: bigint): void {
    this.#field(8);
    this.#end = this.#bytes.writeBigInt64BE(value, this.#end);
  }

  boolean(value: boolean): void {
    this.#field(1);
    this.#end = this.#bytes.writeInt8(value ? 1 : 0, this.#end);
  }

  null(): void {
    this.#room(4);
    this.#end = this.#bytes.writeInt32BE(-1, this.#end);
  }

  /** A bytea column from a binary string, one character a byte. */
  binary(value: string): void {
    this.#field(value.length);
    this.#end += this.#bytes.write(value, this.#end, 'latin1');
  }

  text(value: string): void {
    this.#room(4 + value.length * 3);
    const written = this.#bytes.write(value, this.#end + 4, 'utf8');
    this.#bytes.writeInt32BE(written, this.#end);
    this.#end += 4 + written;
  }

  /** The whole stream with its trailer; the rows may not be used afterwards. */
  finish(): Buffer {
    this.#room(2);
    this.#end = this.#bytes.writeInt16BE(-1, this.#end);
    return this.#bytes.subarray(0, this.#end);
  }

  #field(length: number): void {
    this.#room(4 + length);
    this.#end = this.#bytes.writeInt32BE(length, this.#end);
  }

  #room(need: number): void {
    if (this.#end + need <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + need));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}

/**
 * Copies rows into `target`, for example `ledger.transfer (book_id, index)`. Does nothing for no rows.
 * @throws the database's error, 23505 for a duplicate key; the connection stays usable
 */
export async function copyRows(client: ClientBase, target: string, rows: BinaryRows): Promise<void> {
  if (rows.count === 0) return;
  const stream = client.query(copyFrom(`copy ${target} from stdin (format binary)`));
  stream.end(rows.finish());
  await finished(stream);
}
