/** What a stranger's tools make of the API: its document, and the refusals that they meet first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../support/server.ts';

const { url, operatorKey, client } = await startTestServer();
await client.putSource('shop-1', { name: { en: 'Shop' }, zone: 'Asia/Shanghai', currencies: ['CNY'] });

interface Operation {
  readonly parameters?: { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: object;
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}

const answer = await fetch(`${url}/openapi.json`);
const document = (await answer.json()) as { paths: Record<string, Record<string, Operation>> };

async function get(path: string): Promise<{ status: number; code?: string; field?: string; text: string }> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${operatorKey}` } });
  const text = await response.text();
  return { status: response.status, text, ...(response.status >= 400 && JSON.parse(text).error) };
}

test('every answer that is no JSON document is documented with its type, and the gift code with its header', () => {
  const proof = '/v1/giving/gifts/{id}/proof';
  for (const [path, method, type] of [
    [proof, 'get', 'text/plain'],
    [proof, 'post', 'text/plain'],
    ['/v1/giving/changes', 'get', 'application/x-ndjson'],
    ['/v1/totals/stream', 'get', 'text/event-stream'],
  ] as const) {
    const operation = document.paths[path]?.[method];
    assert.deepEqual(Object.keys(operation?.responses['200']?.content ?? {}), [type], `${method} ${path}`);
    if (path !== proof) continue;
    const header = operation?.parameters?.find((parameter) => parameter.in === 'header');
    assert.deepEqual([header?.name, header?.required ?? false], ['Rivulet-Gift-Code', false]);
  }
});

test('every operation lists its refusals', () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!path.startsWith('/v1/')) continue;
    for (const [method, { responses, requestBody }] of Object.entries(operations)) {
      const statuses = [400, 401, 403, 404, 429, 503, ...(requestBody ? [413, 415] : [])];
      for (const status of statuses) assert.ok(responses[status], `${method} ${path} ${status}`);
      assert.ok(responses[200], `${method} ${path}`);
    }
  }
});

test('every pattern means with and without the flag u what it says', () => {
  let patterns = 0;
  JSON.parse(JSON.stringify(document), (key, value) => {
    if (key !== 'pattern' || typeof value !== 'string') return value;
    patterns += 1;
    assert.doesNotMatch(value, /\\p\{/i);
    return [new RegExp(value), new RegExp(value, 'u')];
  });
  assert.ok(patterns > 10);
});

test("an operator who does not say which source's changes to read is told so", async () => {
  const { status, code, field } = await get('/v1/giving/changes');
  assert.deepEqual([status, code, field], [400, 'source_missing', 'source']);
  assert.deepEqual(await get('/v1/giving/changes?source=shop-1'), { status: 200, text: '' });
});

test('a source that does not exist has no lists', async () => {
  for (const list of ['merchants', 'pledges', 'items', 'feed']) {
    const { status, code } = await get(`/v1/giving/sources/zzz/${list}`);
    assert.deepEqual([status, code], [404, 'source_unknown'], list);
    assert.equal((await get(`/v1/giving/sources/shop-1/${list}`)).status, 200, list);
  }
});

test('the gift code is read from its header, whatever the document says about names', async () => {
  const wrong = await fetch(`${url}/v1/giving/gifts/main-0/proof`, { headers: { 'rivulet-gift-code': 'nonsense' } });
  assert.equal(wrong.status, 403);
});
