/** A small marketplace said over HTTP, and its orders: for tests of a whole server. */
import type { OrderEventInput, RivuletClient } from '@rivulet/client';

export const marketSource = 'shop-1';

/** Source shop-1 in Shanghai, merchant m-1 with an agreement, pledge p-1: 1 % of item sku-1 to two recipients. */
export async function openMarket(client: RivuletClient): Promise<void> {
  const name = { en: 'Tea house', zh: '茶馆' };
  await client.putSource(marketSource, { name: { en: 'Shop' }, zone: 'Asia/Shanghai', currencies: ['CNY'] });
  const recipient = {
    type: 'project' as const,
    name: { en: 'School lunches' },
    charity: { en: 'A charity' },
    assets: ['CNY'],
  };
  await client.putRecipients(['r-1', 'r-2'].map((id) => ({ recipient: id, ...recipient })));
  const agreement = { reference: 'A-1', signedOn: '2026-01-01' };
  await client.putMerchants(marketSource, [{ merchant: 'm-1', name, public: true, agreement }]);
  const recipients = [
    { recipient: 'r-1', weight: 2 },
    { recipient: 'r-2', weight: 1 },
  ];
  const startsAt = '2026-01-01T00:00:00Z';
  const pledge = {
    pledge: 'p-1',
    merchant: 'm-1',
    currency: 'CNY',
    basisPoints: 100,
    recipients,
    startsAt,
    imported: true,
    items: ['sku-1'],
  };
  const [put] = (await client.putPledges(marketSource, [pledge])).results;
  if (put?.outcome !== 'created') throw new Error(`the pledge was not created: ${JSON.stringify(put)}`);
}

/** Completed order lines `<prefix>-<i>`, each of 20.00, that give 0.20. */
export function ordersOf(prefix: string, count: number): OrderEventInput[] {
  return Array.from({ length: count }, (_, i) => ({
    type: 'order.completed',
    source: marketSource,
    order: `${prefix}-${i}`,
    line: '1',
    merchant: 'm-1',
    item: 'sku-1',
    buyer: `u-${i % 7}`,
    quantity: 1,
    paid: 2000,
    currency: 'CNY',
    placedAt: '2026-11-10T23:59:58Z',
    completedAt: '2026-11-18T08:00:01.234Z',
  }));
}
