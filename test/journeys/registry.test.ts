/** A marketplace's back office drives the registry: over HTTP, with its own key, in bulk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type PledgeInput, RequestRefused, RivuletClient } from '@rivulet/client';
import { startTestServer } from '../support/server.ts';

const { url, server, client: operator } = await startTestServer();
const name = { en: 'Shop', zh: '小店' };
const agreement = { reference: 'A-1', signedOn: '2026-01-01' };
const sourceBody = { name, zone: 'Asia/Shanghai', currencies: ['CNY'] };

await operator.putSource('shop-1', sourceBody);
await operator.putSource('shop-2', sourceBody);
const lunch = { recipient: 'lunch', type: 'project' as const, name, charity: name, assets: ['CNY'] };
await operator.putRecipients([lunch]);
const { key } = await server.installation.keys.issue({ scope: 'source', source: 'shop-1' });
const shop = new RivuletClient({ url, key });
await shop.putMerchants('shop-1', [{ merchant: 'm-1', agreement }]);

const pledge = (over: Partial<PledgeInput> = {}): PledgeInput => {
  const rule = { currency: 'CNY', basisPoints: 100, recipients: [{ recipient: 'lunch' }] };
  return { pledge: 'p-1', merchant: 'm-1', ...rule, ...over };
};

async function all<T>(from: AsyncGenerator<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of from) list.push(one);
  return list;
}

async function put(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/giving/${path}`, {
    method: 'PUT',
    body,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson', ...headers },
  });
  return { status: response.status, body: (await response.json()) as never };
}

test('a source’s key sees and changes its own source, and names no source or recipient', async () => {
  const refused = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return error instanceof RequestRefused ? `${error.status} ${error.detail.code}` : error;
  };
  const list = async (from: AsyncGenerator<unknown>) => (await all(from)).length;
  const anyone = new RivuletClient({ url });
  assert.equal(await list(shop.merchants('shop-1')), 1);
  assert.equal(await list(shop.recipients()), 1);
  assert.equal(await refused(list(shop.merchants('shop-2'))), '403 other_source');
  assert.equal(await refused(shop.putMerchants('shop-2', [{ merchant: 'm-1' }])), '403 other_source');
  assert.equal(await refused(shop.putPledges('shop-2', [pledge()])), '403 other_source');
  assert.equal(
    await refused(shop.putItems('shop-2', [{ merchant: 'm-1', item: 'i', pledge: null }])),
    '403 other_source',
  );
  assert.equal(await refused(shop.endPledge('shop-2', 'p-1')), '403 other_source');
  assert.equal(await refused(list(shop.feed('shop-2'))), '403 other_source');
  assert.equal(await refused(shop.putSource('shop-1', sourceBody)), '403 operator_only');
  assert.equal(await refused(shop.putRecipients([lunch])), '403 operator_only');
  assert.equal(await refused(list(shop.sources())), '403 operator_only');
  assert.equal(await refused(list(anyone.feed('shop-1'))), '401 key_missing');
  assert.equal(await refused(operator.putMerchants('shop-9', [{ merchant: 'm-1' }])), '404 source_unknown');
  assert.equal(await list(operator.sources()), 2);
});

test('pledges and items go in as NDJSON and gzip; one bad row is refused in the caller’s language, its neighbours are not', async () => {
  const rows = [pledge({ items: ['i-1', 'i-2'] }), pledge({ pledge: 'p-2', recipients: [{ recipient: 'nobody' }] })];
  const body = gzipSync(`${rows.map((row) => JSON.stringify(row)).join('\r\n')}\r\n\r\n"row"\n`);
  const headers = { 'content-encoding': 'gzip', 'accept-language': 'zh-CN' };
  const answer = await put('sources/shop-1/pledges', body, headers);
  assert.equal(answer.status, 200);
  const { results } = answer.body as { results: { outcome: string; error?: { code: string; message: string } }[] };
  assert.deepEqual(
    results.map(({ outcome, error }) => error?.code ?? outcome),
    ['created', 'recipient_unknown', 'wrong_type'],
  );
  assert.match(results[1]?.error?.message ?? '', /受赠方/);
  const again = await shop.putPledges('shop-1', [pledge({ items: ['i-1', 'i-2'] })]);
  assert.equal(again.results[0]?.outcome, 'unchanged');
});

test('a body that cannot be read is refused whole, with its line', async () => {
  const row = JSON.stringify({ merchant: 'm-1', item: 'x', pledge: null });
  assert.deepEqual(await put('sources/shop-1/items', `${row}\n{"merchant":`), {
    status: 400,
    body: { error: { code: 'malformed', message: 'this line is not valid JSON', line: 2 } },
  });
  const many = `${row}\n`.repeat(10_001);
  assert.equal((await put('sources/shop-1/items', many)).status, 413);
  assert.equal((await put('sources/shop-1/items', row, { 'content-type': 'text/csv' })).status, 415);
  assert.equal((await put('sources/shop-1/items', '{}', { 'content-type': 'application/json' })).status, 400);
});

test('the feed says which lines to send, and tells a follower that a pledge has ended', async () => {
  await shop.putPledges('shop-1', [pledge({ pledge: 'short', items: ['i-9'] })]);
  const before = await all(shop.feed('shop-1'));
  assert.deepEqual(
    before.map(({ item, pledge: carried, until }) => [item, carried, until]),
    [
      ['i-1', 'p-1', undefined],
      ['i-2', 'p-1', undefined],
      ['i-9', 'short', undefined],
    ],
  );
  const ended = await shop.endPledge('shop-1', 'short');
  assert.deepEqual([ended.outcome, ended.version], ['changed', 2]);
  assert.equal((await shop.endPledge('shop-1', 'short')).outcome, 'unchanged');
  const last = (await all(shop.feed('shop-1'))).at(-1);
  assert.deepEqual([last?.item, last?.until], ['i-9', ended.startsAt]);
  const listed = (await all(shop.pledges('shop-1'))).find(({ pledge: id }) => id === 'short');
  assert.deepEqual([listed?.version, listed?.endsAt], [2, ended.startsAt]);
});

test('a buyer’s named version governs its order; a test source counts nowhere', async () => {
  await operator.putSource('trial', { ...sourceBody, test: true });
  await operator.putMerchants('trial', [{ merchant: 'm-1', agreement }]);
  const dates = { startsAt: '2026-06-01', imported: true };
  for (const source of ['shop-1', 'trial']) {
    await operator.putPledges(source, [pledge({ pledge: 'v', items: ['i-v'], ...dates })]);
    await operator.putPledges(source, [pledge({ pledge: 'v', basisPoints: 500, ...dates, startsAt: '2026-07-01' })]);
  }
  const order = (source: string, id: string, named?: string) => ({
    type: 'order.completed' as const,
    source,
    order: id,
    line: '1',
    merchant: 'm-1',
    item: 'i-v',
    quantity: 1,
    paid: 10_000,
    currency: 'CNY',
    placedAt: '2026-07-01T08:00:00+08:00',
    completedAt: '2026-07-09T08:00:00+08:00',
    ...(named && { pledge: named }),
  });
  const given = async (source: string, named?: string) => {
    const { results, book } = await operator.sendOrders([order(source, `o-${named}`, named)]);
    const [result] = results;
    if (result?.outcome === 'refused') return result.error.code;
    return result && 'givenMinor' in result ? `${book} ${result.givenMinor}` : result?.outcome;
  };
  assert.equal(await given('trial'), 'test 500');
  assert.equal(await given('trial', 'v@1'), 'test 100');
  assert.equal(await given('shop-1', 'v@1'), 'main 100');
  assert.equal(await given('shop-1', 'v@2'), 'main 500');
  assert.equal(await given('shop-1', 'v@3'), 'pledge_unknown');
  assert.equal(await given('shop-1', 'p-1'), 'pledge_unknown');
  for (let tries = 0; ; tries++) {
    const totals = await operator.totals();
    if (totals.assets.CNY?.gifts === '2' || tries > 50) {
      assert.deepEqual(totals.assets.CNY, { givenMinor: '600', returnedMinor: '0', gifts: '2' });
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
