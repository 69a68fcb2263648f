/** A server with its pages and a small made-up market that can be told to sell, for tests that look at it through a browser. */
import type { GiftMade, RivuletClient } from '@rivulet/client';
import { startTestServer, type TestServer } from './server.ts';

export interface Site extends TestServer {
  /** Sells so many lines of an item and waits until a checkpoint covers their gifts. */
  sell(item: Item, lines?: number): Promise<GiftMade[]>;
  /** The goods of a gift that was sold here are sent back, all of them. */
  takeBack(gift: string): Promise<void>;
}

/** tea: 0.20, split 70/30. cup: 10 % of 19.90, to one project, by a shop that keeps its name to itself. */
export type Item = 'tea' | 'cup';

const shops = { tea: 'm-1', cup: 'm-2' } as const;

/** Stops after the file's last test. */
export async function openSite(): Promise<Site> {
  const server = await startTestServer({ pages: true });
  const { client } = server;
  await openMarket(client);
  let sold = 0;
  const made = new Map<string, ReturnType<typeof line>>();
  return {
    ...server,
    async sell(item, lines = 1) {
      const order = `A${++sold}`;
      const events = Array.from({ length: lines }, (_, n) => line(item, order, n));
      const { results } = await client.sendOrders(events);
      await published(client);
      return results.map((result, n) => {
        if (!('code' in result)) throw new Error(`no gift was made: ${JSON.stringify(result)}`);
        made.set(result.gift, events[n] as ReturnType<typeof line>);
        return result;
      });
    },
    async takeBack(gift) {
      const sale = made.get(gift);
      if (sale === undefined) throw new Error(`${gift} was not sold here`);
      const { source, order, line: number, merchant, paid } = sale;
      const what = { source, order, line: number, merchant, paid, return: `R-${gift}` };
      await client.sendOrders([{ type: 'order.returned', ...what, returnedAt: new Date().toISOString() }]);
      await published(client);
    },
  };
}

function line(item: Item, order: string, n: number) {
  const now = new Date().toISOString();
  const what = { source: 'shop-1', order, line: `${n + 1}`, merchant: shops[item], item, buyer: 'u-1' };
  const price = { quantity: 1, paid: 1990, currency: 'CNY' };
  return { type: 'order.completed' as const, ...what, ...price, placedAt: now, completedAt: now };
}

/** Waits until all that was promised is under a checkpoint. */
async function published(client: RivuletClient): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await client.checkPromises()).every(({ verdict }) => verdict === 'kept')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the log did not come after');
}

async function openMarket(client: RivuletClient): Promise<void> {
  await client.putSource('shop-1', {
    name: { en: 'Corner Market', zh: '街角集市' },
    zone: 'Asia/Shanghai',
    currencies: ['CNY'],
  });
  const charity = { en: 'Green Ridge Fund', zh: '青岭基金会' };
  const project = (recipient: string, en: string, zh: string) => ({
    recipient,
    type: 'project' as const,
    name: { en, zh },
    charity,
    assets: ['CNY'],
  });
  await client.putRecipients([
    project('lunch', 'School lunches in the hills', '山里孩子的午餐'),
    project('trees', 'Saxaul trees against the sand', '梭梭固沙'),
  ]);
  const agreement = { reference: 'G-1', signedOn: '2026-01-02' };
  await client.putMerchants('shop-1', [
    { merchant: 'm-1', name: { en: 'Kite & Kettle Teas', zh: '风筝壶茶行' }, public: true, agreement },
    { merchant: 'm-2', name: { en: 'Quiet Cups', zh: '静杯' }, agreement },
  ]);
  const shares = [
    { recipient: 'lunch', weight: 7 },
    { recipient: 'trees', weight: 3 },
  ];
  await client.putPledges('shop-1', [
    {
      pledge: 'tea',
      merchant: 'm-1',
      currency: 'CNY',
      fixedMinor: 20,
      per: 'line',
      recipients: shares,
      items: ['tea'],
    },
    {
      pledge: 'cup',
      merchant: 'm-2',
      currency: 'CNY',
      basisPoints: 1000,
      recipients: shares.slice(0, 1),
      items: ['cup'],
    },
  ]);
}
