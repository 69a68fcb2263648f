/** The answer to a request of orders, written byte by byte: most of it is gifts, and an object for each would be made only to be written out again. */
import type { OrderResult } from '@rivulet/client/contract';
import { ByteText } from '#base/bytes/byte-text';
import { writeBase32 } from '#base/ids';
import type { GivingBook } from '../../book.ts';
import { type GiftOutcome, type Outcome, recipientOf } from '../state.ts';

export interface AnswerParts {
  readonly promise: string | null;
  readonly checkpoint: string | null;
  readonly language: 'en' | 'zh';
}

const codeBytes = 16;

/** JSON of the contract's `OrdersAnswer`. */
export function ordersAnswer(
  { book, intake }: GivingBook,
  outcomes: readonly Outcome[],
  { promise, checkpoint, language }: AnswerParts,
): Uint8Array {
  const indices: number[] = [];
  for (const outcome of outcomes) if ('terms' in outcome) indices.push(outcome.index);
  const codes = intake.codes.encode(book.bookId, indices);
  const answer = new ByteText(outcomes.length * 240 + 2048).ascii('{"results":[');
  let made = 0;
  outcomes.forEach((outcome, i) => {
    if (i > 0) answer.byte(0x2c);
    if ('terms' in outcome) writeGift(answer, book.book, outcome, codes, codeBytes * made++);
    else answer.text(otherText(outcome, language));
  });
  return answer.text(`],${JSON.stringify({ promise, checkpoint, book: book.book }).slice(1)}`).view();
}

/** Nothing in it needs escaping: ids of ours, an asset and digits. @param at where the gift's code begins */
function writeGift(into: ByteText, book: string, gift: GiftOutcome, codes: Uint8Array, at: number): void {
  const { outcome, index, terms, given, parts } = gift;
  into.ascii('{"outcome":"').ascii(outcome).ascii('","gift":"').ascii(book).byte(0x2d).digits(index);
  into.ascii('","index":').digits(index).ascii(',"currency":"').ascii(terms.asset);
  into.ascii('","givenMinor":"').digits(given).ascii('","parts":[');
  if (parts === null) writePart(into, terms.recipients[0]?.publicId ?? '', given);
  else
    parts.forEach(({ to, amount }, i) => {
      if (i > 0) into.byte(0x2c);
      writePart(into, recipientOf(gift, to), amount);
    });
  into.ascii('],"code":"');
  writeBase32(codes, at, at + codeBytes, into);
  into.ascii('"}');
}

function writePart(into: ByteText, recipient: string, amount: number): void {
  into.ascii('{"recipient":"').ascii(recipient).ascii('","amountMinor":"').digits(amount).ascii('"}');
}

function otherText(outcome: Exclude<Outcome, GiftOutcome>, language: 'en' | 'zh'): string {
  if (outcome.outcome !== 'refused') return JSON.stringify(outcome);
  const { code, field, message } = outcome.refusal;
  const error = { code, message: message[language], ...(field === undefined ? {} : { field }) };
  return JSON.stringify({ outcome: 'refused', error } satisfies OrderResult);
}
