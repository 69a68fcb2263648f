import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OrdersAnswer, RivuletClient } from '@rivulet/client';
import { openMarket, ordersOf } from '../support/market.ts';
import { runRivulet, spawnServer } from '../support/server.ts';

const dataFolder = await mkdtemp(join(tmpdir(), 'rivulet-stop-'));
after(() => rm(dataFolder, { recursive: true, force: true }));

interface Sent {
  readonly orders: ReturnType<typeof ordersOf>;
  answer: OrdersAnswer | null;
}

/** Sends one batch after the other until the server no longer takes them. */
async function sendUntilClosed(url: string, key: string, name: string): Promise<Sent[]> {
  const all: Sent[] = [];
  for (let i = 0; ; i++) {
    const sent: Sent = { orders: ordersOf(`${name}-${i}`, 40), answer: null };
    all.push(sent);
    try {
      const response = await fetch(`${url}/v1/giving/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(sent.orders),
      });
      if (response.status !== 200) return all;
      sent.answer = (await response.json()) as OrdersAnswer;
    } catch {
      return all;
    }
  }
}

test('a stop under load answers what it took, publishes all of it, and the next start knows every order', {
  timeout: 120_000,
}, async (t) => {
  const server = await spawnServer({ dataFolder });
  t.after(() => server.stop());
  const key = (await runRivulet(['key', 'new', '--operator'], { dataFolder })).trim();
  await openMarket(new RivuletClient({ url: server.url, key }));
  const senders = [1, 2, 3, 4].map((n) => sendUntilClosed(server.url, key, `s${n}`));
  await sleep(1_500);
  assert.equal(await server.stop(), 0);
  const sent = (await Promise.all(senders)).flat();
  const answered = sent.filter(({ answer }) => answer !== null);
  assert.ok(answered.length > 10, `${answered.length} answers`);
  const last = Math.max(
    ...answered.flatMap(
      ({ answer }) => answer?.results.map((result) => ('index' in result ? (result.index ?? 0) : 0)) ?? [],
    ),
  );
  const [, size] = (await readFile(join(dataFolder, 'log/main/checkpoint'), 'utf8')).split('\n');
  assert.ok(Number(size) > last, `checkpoint ${size}, last answered entry ${last}`);

  const next = await spawnServer({ dataFolder });
  t.after(() => next.stop());
  const client = new RivuletClient({ url: next.url, key });
  for (const { orders, answer } of answered) {
    const again = await client.sendOrders(orders);
    assert.deepEqual(
      again.results,
      answer?.results.map((result) => ({ ...result, outcome: 'duplicate' })),
    );
  }
  assert.equal(await next.stop(), 0);
  await runRivulet(['audit'], { dataFolder });
  await runRivulet(['fsck'], { dataFolder });
});
