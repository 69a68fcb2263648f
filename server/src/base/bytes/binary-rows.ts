/**
 * Rows in PostgreSQL's binary COPY format, written into one growing buffer: no object and no text a row.
 * Format: https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format".
 */
import { borrowBuffer, giveBackBuffer } from './spare-buffers.ts';

const header = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const high32 = 4294967296;
/** Object ids of the element types, from pg_type. */
const oid = { int8: 20, int2: 21, int4: 23, text: 25 };
const arrayHeaderBytes = 20;
const epoch2000 = Date.UTC(2000, 0);
const dayMs = 86_400_000;
const none = Buffer.alloc(0);

export class BinaryRows {
  #bytes: Buffer;
  #end: number;
  count = 0;

  /** @param capacity first size in bytes; it doubles as needed */
  constructor(capacity = 65536) {
    this.#bytes = borrowBuffer(capacity);
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
    this.#put4(value);
  }

  /** A bigint column from a safe integer, -2^53 … 2^53. */
  int8(value: number): void {
    this.#field(8);
    this.#put8(value);
  }

  /** A smallint[] column of `values[from]` … `values[to - 1]`, each less `base`. */
  int2s(values: readonly number[], from: number, to: number, base = 0): void {
    this.#array(oid.int2, 2, to - from);
    for (let i = from; i < to; i++) {
      this.#put4(2);
      this.#end = this.#bytes.writeInt16BE((values[i] as number) - base, this.#end);
    }
  }

  /** An integer[] column of `values[from]` … `values[to - 1]`. */
  int4s(values: readonly number[], from: number, to: number): void {
    this.#array(oid.int4, 4, to - from);
    for (let i = from; i < to; i++) {
      this.#put4(4);
      this.#put4(values[i] as number);
    }
  }

  /** A bigint[] column of `values[from]` … `values[to - 1]`, safe integers. */
  int8s(values: readonly number[], from: number, to: number): void {
    this.#array(oid.int8, 8, to - from);
    for (let i = from; i < to; i++) {
      this.#put4(8);
      this.#put8(values[i] as number);
    }
  }

  /** A bigint[] column of `values[from]` … `values[to - 1]`, each 8 bytes as a binary string, highest first. */
  binary8s(values: readonly string[], from: number, to: number): void {
    this.#array(oid.int8, 8, to - from);
    for (let i = from; i < to; i++) {
      this.#put4(8);
      this.#end += this.#bytes.write(values[i] as string, this.#end, 'latin1');
    }
  }

  /** A date column. @param value `2026-11-18` */
  date(value: string): void {
    this.int4((Date.parse(value) - epoch2000) / dayMs);
  }

  /** A timestamptz column: microseconds since 2000. */
  timestamp(value: Date): void {
    this.int8((value.getTime() - epoch2000) * 1000);
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

  /** A text[] column. */
  texts(values: readonly string[]): void {
    const bytes = values.map((value) => Buffer.from(value));
    const room = bytes.reduce((sum, { length }) => sum + 4 + length, 0);
    this.#array(oid.text, 0, values.length, room);
    for (const value of bytes) this.bytes(value);
  }

  bytes(value: Uint8Array): void {
    this.#field(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  text(value: string): void {
    this.#room(4 + value.length * 3);
    const written = this.#bytes.write(value, this.#end + 4, 'utf8');
    this.#bytes.writeInt32BE(written, this.#end);
    this.#end += 4 + written;
  }

  /** Gives the memory back. Nothing of what `finish` returned may be used afterwards. */
  release(): void {
    giveBackBuffer(this.#bytes);
    this.#bytes = none;
    this.#end = 0;
  }

  /** The whole stream with its trailer; the rows may not be used afterwards. */
  finish(): Buffer {
    this.#room(2);
    this.#end = this.#bytes.writeInt16BE(-1, this.#end);
    return this.#bytes.subarray(0, this.#end);
  }

  #field(length: number): void {
    this.#room(4 + length);
    this.#put4(length);
  }

  /** One dimension from 1, no nulls. The elements follow. */
  #array(type: number, elementBytes: number, count: number, room = count * (4 + elementBytes)): void {
    this.#field(count === 0 ? 12 : arrayHeaderBytes + room);
    this.#put4(count === 0 ? 0 : 1);
    this.#put4(0);
    this.#put4(type);
    if (count === 0) return;
    this.#put4(count);
    this.#put4(1);
  }

  #put4(value: number): void {
    const bytes = this.#bytes;
    const end = this.#end;
    bytes[end] = value >>> 24;
    bytes[end + 1] = value >>> 16;
    bytes[end + 2] = value >>> 8;
    bytes[end + 3] = value;
    this.#end = end + 4;
  }

  #put8(value: number): void {
    const high = Math.floor(value / high32);
    this.#put4(high);
    this.#put4(value - high * high32);
  }

  #room(need: number): void {
    if (this.#end + need <= this.#bytes.length) return;
    const grown = borrowBuffer(Math.max(this.#bytes.length * 2, this.#end + need));
    this.#bytes.copy(grown, 0, 0, this.#end);
    giveBackBuffer(this.#bytes);
    this.#bytes = grown;
  }
}
