/** Openings: the text that a seal commits to, and its salt. Formats: docs/formats/entries.md, "Seals". */
import { hash as nodeHash } from 'node:crypto';
import type { OrderReturned } from '@rivulet/client/contract';
import { ByteText } from '#base/bytes/byte-text';
import { KeyedHash, newKey } from '#base/bytes/keyed-hash';
import { type OrderLine, writeQuoted } from './lines/order-line.ts';

const saltBytes = 32;
const salts = new KeyedHash(newKey());

/** An opening's text with room for its salt before it. */
export class OpeningText {
  readonly #bytes = new ByteText(saltBytes + 4096);

  /** Begins anew. The text is written to what this returns. */
  begin(): ByteText {
    return this.#bytes.clear(saltBytes);
  }

  get text(): Uint8Array {
    return this.#bytes.view(saltBytes);
  }

  /** SHA-256(salt ‖ text) as base64url. @param secret of the person @param index of the gift or return in its book */
  seal(secret: string, book: string, index: number): string {
    const { length } = this.#bytes;
    this.#bytes.clear().ascii(saltOf(secret, book, index)).length = length;
    return nodeHash('sha256', this.#bytes.view(), 'base64url');
  }
}

/** One is worked on at a time: an opening is good until the next is asked for. */
const opening = new OpeningText();

/** RFC 8785 text of an order's opening; members are written in sorted order. */
export function giftOpening(line: OrderLine): OpeningText {
  const into = opening.begin().byte(0x7b);
  if (line.hasBuyer) {
    line.writeQuoted('buyer', into.ascii('"buyer":'));
    into.byte(0x2c);
  }
  line.write('completedAt', into.ascii('"completedAt":"'));
  line.write('currency', into.ascii('","currency":"'));
  into.ascii('","discount":').digits(line.amount('discount'));
  line.writeQuoted('item', into.ascii(',"item":'));
  line.writeQuoted('line', into.ascii(',"line":'));
  line.writeQuoted('merchant', into.ascii(',"merchant":'));
  line.writeQuoted('order', into.ascii(',"order":'));
  into.ascii(',"paid":').digits(line.amount('paid'));
  line.write('placedAt', into.ascii(',"placedAt":"'));
  into.ascii('","platformDiscount":').digits(line.amount('platformDiscount'));
  into.ascii(',"quantity":').digits(line.amount('quantity'));
  into.ascii(',"shipping":').digits(line.amount('shipping'));
  line.write('source', into.ascii(',"source":"'));
  into.ascii('","tax":').digits(line.amount('tax')).byte(0x7d);
  return opening;
}

export function returnOpening(event: OrderReturned): OpeningText {
  const into = opening.begin().ascii('{"line":');
  writeQuoted(event.line, into);
  writeQuoted(event.order, into.ascii(',"order":'));
  into.ascii(',"paid":').digits(event.paid);
  writeQuoted(event.return, into.ascii(',"return":'));
  into.ascii(',"returnedAt":"').ascii(event.returnedAt).ascii('","source":"').ascii(event.source).ascii('"}');
  return opening;
}

/** The salt of gift or return `<book>-<index>` under a person's key: HMAC-SHA256, 32 bytes as a binary string. */
export function saltOf(secret: string, book: string, index: number): string {
  salts.turnTo(secret).begin().ascii(book).byte(0x2d).digits(index);
  return salts.end();
}
