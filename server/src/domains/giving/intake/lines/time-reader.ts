/** Reads times of the contract out of bytes. Most are in UTC and of the same day as the one before, and then no text is made of them. */
import { datePattern, dayExists, timeMs } from '@rivulet/client/contract';

const zero = 0x30;

export class TimeReader {
  readonly #day = Buffer.alloc(10);
  #dayMs = Number.NaN;

  /** Milliseconds since 1970, parts of one cut off; NaN for what is no time of the contract. */
  read(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    const plain = (length === 20 || length === 24) && bytes[end - 1] === 0x5a && bytes[start + 10] === 0x54;
    if (!plain) return timeMs(bytes.toString('latin1', start, end));
    const clock = clockMs(bytes, start + 11, length === 24);
    if (Number.isNaN(clock)) return clock;
    for (let i = 0; i < 10; i++)
      if (bytes[start + i] !== this.#day[i]) {
        this.#turnTo(bytes, start);
        break;
      }
    return this.#dayMs + clock;
  }

  #turnTo(bytes: Buffer, start: number): void {
    bytes.copy(this.#day, 0, start, start + 10);
    const day = this.#day.toString('latin1');
    this.#dayMs = datePattern.test(day) && dayExists(day) ? Date.parse(day) : Number.NaN;
  }
}

/** `08:00:01Z` or `08:00:01.234Z` */
function clockMs(bytes: Buffer, at: number, fraction: boolean): number {
  const hour = two(bytes, at);
  const minute = two(bytes, at + 3);
  const second = two(bytes, at + 6);
  if (bytes[at + 2] !== 0x3a || bytes[at + 5] !== 0x3a) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const seconds = ((hour * 60 + minute) * 60 + second) * 1000;
  if (!fraction) return seconds;
  const tens = two(bytes, at + 9);
  const ones = digit(bytes, at + 11);
  return bytes[at + 8] === 0x2e ? seconds + tens * 10 + ones : Number.NaN;
}

function two(bytes: Buffer, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] as number) - zero;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
