/**
 * The hot path's reader of order events. It accepts what is plainly right without the schema, and asks the schema about everything
 * else, so a refusal and its reason are the schema's own. That it never accepts what the schema refuses is a property test.
 */
import { limits } from '../limits.ts';
import { isProblem, type Problem, problemOf } from '../problem.ts';
import { assetPattern, dayExists, idPattern, sourcePattern, timePattern } from '../words.ts';
import { type OrderCompleted, OrderEvent, type OrderReturned } from './order-event.ts';

/** @param value anything that JSON can say. @returns a new event with its defaults filled in, or the first problem. Never throws. */
export function readOrderEvent(value: unknown): OrderEvent | Problem {
  if (typeof value === 'object' && value !== null) {
    const event = value as Record<string, unknown>;
    const quick =
      event.type === 'order.completed'
        ? readCompleted(event)
        : event.type === 'order.returned'
          ? readReturned(event)
          : null;
    if (quick !== null) return quick;
  }
  const slow = OrderEvent.safeParse(value);
  return slow.success ? slow.data : problemOf(slow.error, value);
}

/** For callers that want to branch on the verdict: false for a `Problem`. */
export function isOrderEvent(read: OrderEvent | Problem): read is OrderEvent {
  return !isProblem(read);
}

function readCompleted(event: Record<string, unknown>): OrderCompleted | null {
  const { source, order, line, merchant, item, buyer, quantity, paid, currency, placedAt, completedAt, pledge } = event;
  const { shipping = 0, tax = 0, discount = 0, platformDiscount = 0 } = event;
  if (!isSource(source) || !isId(order) || !isId(line) || !isId(merchant) || !isId(item)) return null;
  if (!isInteger(quantity, 1, limits.quantity) || !isAmount(paid) || !isAmount(shipping) || !isAmount(tax)) return null;
  if (!isAmount(discount) || !isAmount(platformDiscount) || !isAsset(currency)) return null;
  if (!isTime(placedAt) || !isTime(completedAt)) return null;
  let members = 11;
  if (buyer !== undefined) {
    if (!isId(buyer)) return null;
    members += 1;
  }
  if (pledge !== undefined) {
    if (!isId(pledge)) return null;
    members += 1;
  }
  if (event.shipping !== undefined) members += 1;
  if (event.tax !== undefined) members += 1;
  if (event.discount !== undefined) members += 1;
  if (event.platformDiscount !== undefined) members += 1;
  if (count(event) !== members) return null;
  const type = 'order.completed';
  const amounts = { quantity, paid, shipping, tax, discount, platformDiscount };
  const read: OrderCompleted = {
    type,
    source,
    order,
    line,
    merchant,
    item,
    ...amounts,
    currency,
    placedAt,
    completedAt,
  };
  if (buyer !== undefined) read.buyer = buyer;
  if (pledge !== undefined) read.pledge = pledge;
  return read;
}

function readReturned(event: Record<string, unknown>): OrderReturned | null {
  const { source, return: name, order, line, merchant, paid, returnedAt } = event;
  if (!isSource(source) || !isId(name) || !isId(order) || !isId(line) || !isId(merchant)) return null;
  if (!isInteger(paid, 1, limits.amountMinor) || !isTime(returnedAt) || count(event) !== 8) return null;
  return { type: 'order.returned', source, return: name, order, line, merchant, paid, returnedAt };
}

/** Members that are not the event's own make the count differ; `for in` also sees an own `__proto__`. */
function count(event: object): number {
  let members = 0;
  for (const _ in event) members += 1;
  return members;
}

const asciiId = /^[ -~]{1,128}$/;

function isId(value: unknown): value is string {
  return typeof value === 'string' && (asciiId.test(value) || idPattern.test(value));
}

/** A request names few sources, currencies and days, so the last one seen is most often the next one too. */
let lastSource = '';
function isSource(value: unknown): value is string {
  if (value === lastSource && value !== '') return true;
  if (typeof value !== 'string' || !sourcePattern.test(value)) return false;
  lastSource = value;
  return true;
}

let lastAsset = '';
function isAsset(value: unknown): value is string {
  if (value === lastAsset && value !== '') return true;
  if (typeof value !== 'string' || !assetPattern.test(value)) return false;
  lastAsset = value;
  return true;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && timePattern.test(value) && dayExists(value);
}

function isAmount(value: unknown): value is number {
  return isInteger(value, 0, limits.amountMinor);
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
