/**
 * Text built byte by byte in one growing buffer. A gift's opening, entry, keys and answer are some two thousand characters: as strings they would be
 * two thousand bytes to collect, times every piece that they were put together from.
 */

import { borrowBuffer, giveBackBuffer } from './spare-buffers.ts';

const shortText = 48;
const none = Buffer.alloc(0);

export class ByteText {
  /** Holds the text in its first `length` bytes; another buffer after it has grown. */
  bytes: Buffer;
  length = 0;

  /** @param capacity first size in bytes; it doubles as needed */
  constructor(capacity = 4096) {
    this.bytes = borrowBuffer(capacity);
  }

  /** Forgets all but the first bytes. */
  clear(length = 0): this {
    this.length = length;
    return this;
  }

  /** The bytes written from `start` on: a view, good until the next change. */
  view(start = 0): Buffer {
    return this.bytes.subarray(start, this.length);
  }

  /** Gives the memory back, and all views of it become worthless; the text is empty. */
  release(): void {
    giveBackBuffer(this.bytes);
    this.bytes = none;
    this.length = 0;
  }

  byte(value: number): this {
    this.#room(1);
    this.bytes[this.length++] = value;
    return this;
  }

  /** Text of which every character is one byte: ASCII, or a binary string. */
  ascii(text: string): this {
    const { length } = text;
    this.#room(length);
    if (length > shortText) this.bytes.write(text, this.length, 'latin1');
    else for (let i = 0; i < length; i++) this.bytes[this.length + i] = text.charCodeAt(i);
    this.length += length;
    return this;
  }

  /** Any text, as UTF-8. */
  text(text: string): this {
    this.#room(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
    return this;
  }

  /** A safe integer, not negative, in decimal. */
  digits(value: number): this {
    if (value < 10) return this.byte(0x30 + value);
    this.#room(16);
    let end = this.length + 1;
    for (let power = 10; power * 10 <= value; power *= 10) end++;
    this.length = end + 1;
    let rest = value;
    for (let at = end; rest > 0; at--) {
      const tenth = Math.floor(rest / 10);
      this.bytes[at] = rest - tenth * 10 + 0x30;
      rest = tenth;
    }
    return this;
  }

  /** `from[start]` … `from[end - 1]` */
  copy(from: Uint8Array, start: number, end: number): this {
    this.#room(end - start);
    if (end - start > 2 * shortText) this.bytes.set(from.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++, at++) this.bytes[at] = from[i] as number;
    this.length += end - start;
    return this;
  }

  #room(need: number): void {
    if (this.length + need <= this.bytes.length) return;
    const grown = borrowBuffer(Math.max(this.bytes.length * 2, this.length + need));
    this.bytes.copy(grown, 0, 0, this.length);
    giveBackBuffer(this.bytes);
    this.bytes = grown;
  }
}
