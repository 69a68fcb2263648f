/** Opens the demo on a running server, through its HTTP API like anybody: first the marketplace, then its stream of orders. */
import { RivuletClient } from '@rivulet/client';
import type { Keys } from '#domains/giving';
import { demoMarket, demoSource } from './market.ts';
import { openMarket, sandboxSource } from './open-market.ts';
import { keepSandboxKey } from './sandbox-key.ts';
import { Shoppers } from './shoppers.ts';
import { OrderStream } from './stream.ts';

export interface DemoOptions {
  readonly url: string;
  readonly keys: Keys;
  readonly secretsFolder: string;
  readonly tell: (message: string) => void;
  /** For telemetry: the stream goes on. */
  readonly report: (error: unknown) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  /** Orders a second, over the day. */
  readonly mean?: number;
}

export interface Demo {
  /** Events sent in this run. */
  readonly sent: number;
  /** Ends the stream. Call it while the server still answers. */
  stop(): Promise<void>;
}

const defaultMean = 1.2;
const firstOrders = 240;
const streamLabel = 'demo stream';
/** A stop must not wait for a server that is away. */
const retry = { attempts: 2, firstDelayMs: 200, longestDelayMs: 1_000 };

/** Resolves when the marketplace is there. @throws Error when it cannot be made */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { keys, url, now = Date.now, random = Math.random, mean = defaultMean, report } = options;
  const market = demoMarket();
  const since = await withOperator(keys, url, async (operator) => {
    await openMarket(operator, market);
    return await startsOf(operator);
  });
  const file = await keepSandboxKey(keys, options.secretsFolder);
  options.tell('Demo data: the shops, projects and money are made up. npm start -- --no-demo starts without.');
  options.tell('演示数据：店铺、项目和金额均为虚构。npm start -- --no-demo 可不带演示启动。');
  options.tell(`To try the API: test source "${sandboxSource}", its key is in ${file}`);
  await revokeLeftover(keys);
  const { key, keyId } = await keys.issue({ scope: 'source', source: demoSource, label: streamLabel });
  const client = new RivuletClient({ url, key, retry, timeoutMs: 10_000 });
  const shoppers = new Shoppers({ goods: market.goods, since, run: now().toString(36), random });
  const burst = (await isNew(client)) ? firstOrders : 0;
  const stream = new OrderStream({ client, shoppers, mean, now, random, burst, report });
  return {
    get sent() {
      return stream.sent;
    },
    async stop() {
      await stream.stop();
      // Where this fails, the next start does it.
      await keys.revoke(keyId).catch(report);
    },
  };
}

/** With an operator's key of a few minutes, revoked at the end. */
async function withOperator<T>(keys: Keys, url: string, does: (operator: RivuletClient) => Promise<T>): Promise<T> {
  const { key, keyId } = await keys.issue({ scope: 'operator', label: 'demo data', ttlSeconds: 300 });
  try {
    return await does(new RivuletClient({ url, key }));
  } finally {
    await keys.revoke(keyId);
  }
}

async function startsOf(operator: RivuletClient): Promise<Map<string, number>> {
  const starts = new Map<string, number>();
  for await (const { pledge, startsAt } of operator.pledges(demoSource)) starts.set(pledge, Date.parse(startsAt));
  return starts;
}

/** Keys of runs that ended without stopping: nobody has them any more. */
async function revokeLeftover(keys: Keys): Promise<void> {
  for (const { keyId, label, source, revokedAt } of await keys.list())
    if (label === streamLabel && source === demoSource && revokedAt === null) await keys.revoke(keyId);
}

/** Whether the demo has sold nothing yet. */
async function isNew(client: RivuletClient): Promise<boolean> {
  for await (const _ of client.changes()) return false;
  return true;
}
