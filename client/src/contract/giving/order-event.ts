/** What a marketplace reports. The schema documents and checks; the hot path reads with `readOrderEvent`, which always agrees with it. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { Amount, Asset, Id, SourceId, Time } from '../words.ts';

/**
 * A line whose transaction is complete (the buyer confirmed receipt). All amounts are of the whole line, all units, in minor units; `paid`
 * includes `shipping`. `pledge` names the version the buyer saw, as `<pledge>@<version>`, or the pledge alone; without it the item's pledge
 * in force at `placedAt` governs. (source, order, line) makes a gift once, for ever.
 */
export const OrderCompleted = z
  .strictObject({
    type: z.literal('order.completed'),
    source: SourceId,
    order: Id,
    line: Id,
    merchant: Id,
    item: Id,
    buyer: Id.optional(),
    quantity: z.int().min(1).max(limits.quantity),
    paid: Amount,
    shipping: Amount.default(0),
    tax: Amount.default(0),
    discount: Amount.default(0),
    platformDiscount: Amount.default(0),
    currency: Asset,
    placedAt: Time,
    completedAt: Time,
    pledge: Id.optional(),
  })
  .meta({ id: 'OrderCompleted' });
export type OrderCompleted = z.output<typeof OrderCompleted>;

/** `paid` is what went back to the buyer for this line in this return. (source, return, order, line) counts once, for ever. */
export const OrderReturned = z
  .strictObject({
    type: z.literal('order.returned'),
    source: SourceId,
    return: Id,
    order: Id,
    line: Id,
    merchant: Id,
    paid: Amount.min(1),
    returnedAt: Time,
  })
  .meta({ id: 'OrderReturned' });
export type OrderReturned = z.output<typeof OrderReturned>;

export const OrderEvent = z.discriminatedUnion('type', [OrderCompleted, OrderReturned]);
export type OrderEvent = z.output<typeof OrderEvent>;
/** What a client may send: members with a default may be left out. */
export type OrderEventInput = z.input<typeof OrderEvent>;
