/**
 * Reads order lines without JSON.parse. Whoever sends many lines writes them all alike: the same members in the same order, ids of plain characters,
 * whole numbers. The reader learns such shapes from lines that were parsed, and then only compares bytes and notes where each value lies. A line that
 * differs in anything is left to JSON.parse and the contract's schema, so nothing is accepted here that they would refuse (a property test says so).
 */
import { assetPattern, isOrderEvent, limits, readOrderEvent, sourcePattern } from '@rivulet/client/contract';
import type { ByteText } from '#base/bytes/byte-text';
import { type AmountMember, amounts, type OrderLine, type TextMember, texts } from './order-line.ts';
import { TimeReader } from './time-reader.ts';

const kind = '"type":"order.completed"';
const mostShapes = 4;
const mostIdLength = 128;
const spanWidth = 2 * texts.length;
/** The amounts, then placedAt and completedAt in milliseconds. */
const numberWidth = amounts.length + 2;
const wordWidth = 2;
/** A shorter line has no room for all members: so many lines at most are in a body. */
const leastLineBytes = 180;

const placeOf = Object.fromEntries([...texts, ...amounts].map((name) => [name, 0])) as Record<string, number>;
texts.forEach((name, i) => {
  placeOf[name] = 2 * i;
});
amounts.forEach((name, i) => {
  placeOf[name] = i;
});
const [sourceAt, buyerAt, currencyAt, placedAt, completedAt] = [0, 10, 12, 14, 16];

/** One member of a shape: the bytes that lead to its value, and where the value goes. */
interface Step {
  readonly lead: Uint8Array;
  /** Place among the spans or the numbers of a line; -1 for neither. */
  readonly text: number;
  readonly amount: number;
}

type Shape = readonly Step[];

/** A text that comes again and again: made once, and then only compared. */
class Word {
  readonly pattern: RegExp;
  readonly text: string;
  readonly isRight: boolean;
  readonly #bytes: Buffer;

  constructor(pattern: RegExp, text: string) {
    this.pattern = pattern;
    this.text = text;
    this.isRight = pattern.test(text);
    this.#bytes = Buffer.from(text);
  }

  isAt(bytes: Buffer, start: number, end: number): boolean {
    const own = this.#bytes;
    if (end - start !== own.length) return false;
    for (let i = 0; i < own.length; i++) if (bytes[start + i] !== own[i]) return false;
    return true;
  }
}

/** Shapes are those of the process: all requests teach and use them. Newest first. */
let shapes: Shape[] = [];

/** Lines of one body, and of one day, have few sources, currencies and days: the last one seen is most often the next one too. */
const placedTimes = new TimeReader();
const completedTimes = new TimeReader();
let lastSource = new Word(sourcePattern, '');
let lastCurrency = new Word(assetPattern, '');

/** The lines of one body, in columns: a request that waits holds no object a value. */
export class PlainLines {
  readonly bytes: Buffer;
  readonly #spans: Int32Array;
  readonly #numbers: Float64Array;
  /** Source and currency of each line. */
  readonly #words: string[] = [];
  #count = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const most = Math.floor(bytes.length / leastLineBytes) + 1;
    this.#spans = new Int32Array(most * spanWidth);
    this.#numbers = new Float64Array(most * numberWidth);
  }

  read(start: number, end: number): PlainLine | undefined {
    const stop = this.bytes[end - 1] === 0x0d ? end - 1 : end;
    if (stop - start < leastLineBytes) return undefined;
    for (const shape of shapes)
      if (this.#matches(shape, start, stop)) {
        this.#count += 1;
        return new PlainLine(this, this.#count - 1);
      }
    return undefined;
  }

  learn(row: unknown): void {
    const shape = shapeOf(row);
    if (shape !== null) shapes = [shape, ...shapes.slice(0, mostShapes - 1)];
  }

  /** Where a text begins; -1 when the line has none. @param place of the member, `placeOf` */
  start(line: number, place: number): number {
    return this.#spans[line * spanWidth + place] as number;
  }

  end(line: number, place: number): number {
    return this.#spans[line * spanWidth + place + 1] as number;
  }

  source(line: number): string {
    return this.#words[line * wordWidth] as string;
  }

  currency(line: number): string {
    return this.#words[line * wordWidth + 1] as string;
  }

  number(line: number, place: number): number {
    return this.#numbers[line * numberWidth + place] as number;
  }

  #matches(shape: Shape, start: number, end: number): boolean {
    const { bytes } = this;
    const spans = this.#count * spanWidth;
    const numbers = this.#count * numberWidth;
    this.#spans.fill(-1, spans, spans + spanWidth);
    this.#numbers.fill(0, numbers, numbers + numberWidth);
    let at = start;
    for (const { lead, text, amount } of shape) {
      for (let i = 0; i < lead.length; i++) if (bytes[at + i] !== lead[i]) return false;
      at += lead.length;
      if (text >= 0) at = this.#readText(spans + text, at);
      else if (amount >= 0) at = this.#readAmount(numbers + amount, at);
      if (at < 0) return false;
    }
    return (
      bytes[at] === 0x7d && at + 1 === end && this.#areAmountsRight(numbers) && this.#areWordsRight(spans, numbers)
    );
  }

  /** @returns the place behind the closing quote, or -1 */
  #readText(span: number, start: number): number {
    const { bytes } = this;
    let at = start;
    for (let byte = bytes[at] ?? 0; byte !== 0x22; byte = bytes[++at] ?? 0)
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return -1;
    if (at === start || at - start > mostIdLength) return -1;
    this.#spans[span] = start;
    this.#spans[span + 1] = at;
    return at + 1;
  }

  #readAmount(place: number, start: number): number {
    const { bytes } = this;
    let value = 0;
    let at = start;
    for (let digit = (bytes[at] ?? 0) - 0x30; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - 0x30)
      value = value * 10 + digit;
    if (at === start || at - start > 15 || (bytes[start] === 0x30 && at > start + 1)) return -1;
    this.#numbers[place] = value;
    return at;
  }

  /** What the schema asks of values beyond their form. */
  #areAmountsRight(numbers: number): boolean {
    const quantity = this.#numbers[numbers] as number;
    if (quantity < 1 || quantity > limits.quantity) return false;
    for (let i = 1; i < amounts.length; i++)
      if ((this.#numbers[numbers + i] as number) > limits.amountMinor) return false;
    return true;
  }

  /** Source, currency and times; keeps the times. */
  #areWordsRight(spans: number, numbers: number): boolean {
    lastSource = this.#word(spans + sourceAt, lastSource);
    lastCurrency = this.#word(spans + currencyAt, lastCurrency);
    if (!lastSource.isRight || !lastCurrency.isRight) return false;
    const words = this.#count * wordWidth;
    this.#words[words] = lastSource.text;
    this.#words[words + 1] = lastCurrency.text;
    const placed = this.#time(placedTimes, spans + placedAt);
    const completed = this.#time(completedTimes, spans + completedAt);
    this.#numbers[numbers + amounts.length] = placed;
    this.#numbers[numbers + amounts.length + 1] = completed;
    return !Number.isNaN(placed) && !Number.isNaN(completed);
  }

  #time(times: TimeReader, span: number): number {
    return times.read(this.bytes, this.#spans[span] as number, this.#spans[span + 1] as number);
  }

  #word(span: number, last: Word): Word {
    const start = this.#spans[span] as number;
    const end = this.#spans[span + 1] as number;
    return last.isAt(this.bytes, start, end) ? last : new Word(last.pattern, this.bytes.toString('latin1', start, end));
  }
}

/** One line of a body that is a right `order.completed`. */
export class PlainLine implements OrderLine {
  readonly pledge = undefined;
  readonly #lines: PlainLines;
  readonly #line: number;

  constructor(lines: PlainLines, line: number) {
    this.#lines = lines;
    this.#line = line;
  }

  get hasBuyer(): boolean {
    return this.#lines.start(this.#line, buyerAt) >= 0;
  }

  get placedMs(): number {
    return this.#lines.number(this.#line, amounts.length);
  }

  get completedMs(): number {
    return this.#lines.number(this.#line, amounts.length + 1);
  }

  text(member: TextMember): string {
    if (member === 'source') return this.#lines.source(this.#line);
    if (member === 'currency') return this.#lines.currency(this.#line);
    const place = placeOf[member] as number;
    const start = this.#lines.start(this.#line, place);
    return start < 0 ? '' : this.#lines.bytes.toString('latin1', start, this.#lines.end(this.#line, place));
  }

  amount(member: AmountMember): number {
    return this.#lines.number(this.#line, placeOf[member] as number);
  }

  write(member: TextMember, into: ByteText): void {
    const place = placeOf[member] as number;
    into.copy(this.#lines.bytes, this.#lines.start(this.#line, place), this.#lines.end(this.#line, place));
  }

  writeQuoted(member: TextMember, into: ByteText): void {
    into.byte(0x22);
    this.write(member, into);
    into.byte(0x22);
  }
}

/** Null for anything but a good order line of printable ASCII that names no pledge. */
function shapeOf(row: unknown): Shape | null {
  const event = readOrderEvent(row);
  if (!isOrderEvent(event) || event.type !== 'order.completed' || event.pledge !== undefined) return null;
  return Object.keys(row as object).map((name, i) => {
    const opening = i === 0 ? '{' : ',';
    const isText = texts.includes(name as TextMember);
    const isAmount = amounts.includes(name as AmountMember);
    const lead = name === 'type' ? kind : `"${name}":${isText ? '"' : ''}`;
    const place = placeOf[name] as number;
    return { lead: Buffer.from(opening + lead), text: isText ? place : -1, amount: isAmount ? place : -1 };
  });
}
