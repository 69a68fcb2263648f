/** A completed order line as the intake works with it: from bytes where it came in a known shape, else from the event that was parsed. */
import type { OrderCompleted } from '@rivulet/client/contract';
import type { ByteText } from '#base/bytes/byte-text';

/** Members that are text, always there but `buyer` and `pledge`. */
export const texts = [
  'source',
  'order',
  'line',
  'merchant',
  'item',
  'buyer',
  'currency',
  'placedAt',
  'completedAt',
] as const;
export const amounts = ['quantity', 'paid', 'shipping', 'tax', 'discount', 'platformDiscount'] as const;

export type TextMember = (typeof texts)[number];
export type AmountMember = (typeof amounts)[number];

export interface OrderLine {
  readonly hasBuyer: boolean;
  /** The version that the buyer saw, where one is named. */
  readonly pledge: string | undefined;
  /** Milliseconds since 1970. */
  readonly placedMs: number;
  readonly completedMs: number;
  text(member: TextMember): string;
  amount(member: AmountMember): number;
  /** Adds a text to `into`, as UTF-8. */
  write(member: TextMember, into: ByteText): void;
  /** Adds a text to `into` as a JSON string in RFC 8785 form. */
  writeQuoted(member: TextMember, into: ByteText): void;
}

const plain = /^[ !#-[\]-~]*$/;

/** Adds a JSON string in RFC 8785 form. JSON.stringify escapes as the RFC does; most ids need none. */
export function writeQuoted(text: string, into: ByteText): void {
  if (plain.test(text)) into.byte(0x22).ascii(text).byte(0x22);
  else into.text(JSON.stringify(text));
}

/** A line that was parsed. */
export class EventLine implements OrderLine {
  readonly placedMs: number;
  readonly completedMs: number;
  readonly #event: OrderCompleted;

  constructor(event: OrderCompleted, placedMs: number, completedMs: number) {
    this.#event = event;
    this.placedMs = placedMs;
    this.completedMs = completedMs;
  }

  get hasBuyer(): boolean {
    return this.#event.buyer !== undefined;
  }

  get pledge(): string | undefined {
    return this.#event.pledge;
  }

  text(member: TextMember): string {
    return this.#event[member] ?? '';
  }

  amount(member: AmountMember): number {
    return this.#event[member];
  }

  write(member: TextMember, into: ByteText): void {
    into.text(this.text(member));
  }

  writeQuoted(member: TextMember, into: ByteText): void {
    writeQuoted(this.text(member), into);
  }
}
