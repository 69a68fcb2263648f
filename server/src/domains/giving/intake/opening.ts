/** Openings: the text that a seal commits to, and its salt. Formats: docs/formats/entries.md, "Seals". */
import { hash as nodeHash } from 'node:crypto';
import type { OrderCompleted, OrderReturned } from '@rivulet/client/contract';
import { keyedDigest } from '#base/keyed-hash';

/** RFC 8785 text of an order's opening; members are written in sorted order. */
export function giftOpening(event: OrderCompleted): string {
  const buyer = event.buyer === undefined ? '' : `"buyer":${quoted(event.buyer)},`;
  return (
    `{${buyer}"completedAt":"${event.completedAt}","currency":"${event.currency}","discount":${event.discount},` +
    `"item":${quoted(event.item)},"line":${quoted(event.line)},"merchant":${quoted(event.merchant)},` +
    `"order":${quoted(event.order)},"paid":${event.paid},"placedAt":"${event.placedAt}",` +
    `"platformDiscount":${event.platformDiscount},"quantity":${event.quantity},"shipping":${event.shipping},` +
    `"source":"${event.source}","tax":${event.tax}}`
  );
}

export function returnOpening(event: OrderReturned): string {
  return (
    `{"line":${quoted(event.line)},"order":${quoted(event.order)},"paid":${event.paid},` +
    `"return":${quoted(event.return)},"returnedAt":"${event.returnedAt}","source":"${event.source}"}`
  );
}

/** The salt of gift or return `id` under a person's key: 32 bytes as a binary string. */
export function saltOf(secret: string, id: string): string {
  return keyedDigest(secret, id);
}

const buffer = Buffer.alloc(32 + 16 * 1024);

/** SHA-256(salt ‖ opening) as base64url. */
export function sealOf(salt: string, opening: string): string {
  buffer.write(salt, 0, 'latin1');
  const end = 32 + buffer.write(opening, 32, 'utf8');
  return nodeHash('sha256', buffer.subarray(0, end), 'base64url');
}

const plain = /^[ !#-[\]-~]*$/;

/** A JSON string in RFC 8785 form. JSON.stringify escapes as the RFC does; most ids need none. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
