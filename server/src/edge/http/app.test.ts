import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import type { Health } from '@rivulet/client/contract';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { z } from 'zod';
import { Bug } from '#base/assert';
import { Fault } from '#base/fault';
import { refusal } from '#base/refusal';
import { buildApp } from './app.ts';
import { newRegistry } from './metrics.ts';

let health: Health = { status: 'ok', database: 'ok', books: [] };
const rates = { perKeyPerSecond: 1000, perAddressPerSecond: 1000 };
const holders: Record<string, { keyId: string; scope: 'operator' | 'source'; source: string | null }> = {
  'rvk-op': { keyId: 'op', scope: 'operator', source: null },
  'rvk-one': { keyId: 'one', scope: 'source', source: 'shop-1' },
};

async function newApp(routes: (app: FastifyInstance) => void, limits = rates): Promise<FastifyInstance> {
  const app = await buildApp({
    identify: async (key) => holders[key] ?? refusal('unauthorised', 'key_unknown', 'not known', '未知'),
    health: async () => health,
    metrics: newRegistry(),
    rates: limits,
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
  });
  routes(app);
  after(() => app.close());
  return app;
}

const row = z.strictObject({ n: z.int() });
const app = await newApp((app) => {
  const body = z.strictObject({ name: z.string(), list: z.array(row).optional() });
  app.put('/v1/things/:id', { config: { access: 'operator' }, schema: { body } }, async (request) => request.body);
  app.post(
    '/v1/rows',
    { config: { access: 'source', rows: true }, schema: { body: z.array(row) } },
    async (request) => ({
      count: request.rows.length,
      last: Array.isArray(request.rows.at(-1)) ? 'a list' : request.rows.at(-1),
    }),
  );
  app.get('/v1/sources/:source', { config: { access: 'source' } }, async (request) => request.caller);
  app.get('/v1/open', { config: { access: 'public' } }, async (request) => ({
    caller: request.caller,
    language: request.language,
  }));
  app.get('/v1/outcome/:what', { config: { access: 'public' } }, async (request) => {
    const { what } = request.params as { what: string };
    if (what === 'fault') throw new Fault('busy', 'full', { retryAfterSeconds: 7 });
    if (what === 'bug') throw new Bug('secret detail');
    if (what === 'away') throw Object.assign(new Error('terminating connection'), { code: '57P01' });
    return refusal(what as 'invalid', 'some_code', 'English words', '中文说明', 'a.b');
  });
});

const operator = { authorization: 'Bearer rvk-op' };
const ndjson = { ...operator, 'content-type': 'application/x-ndjson' };
const json = { ...operator, 'content-type': 'application/json' };

async function post(payload: string | Buffer, headers: Record<string, string>) {
  const answer = await app.inject({ method: 'POST', url: '/v1/rows', headers, payload });
  return {
    status: answer.statusCode,
    ...(answer.json() as { count?: number; last?: unknown; error?: { code: string; line?: number } }),
  };
}

test('rows arrive as a JSON array or as NDJSON, plain or gzip, with empty lines and CRLF', async () => {
  for (const [payload, headers] of [
    ['[{"n":1},{"n":2}]', json],
    ['{"n":1}\n{"n":2}', ndjson],
    ['{"n":1}\r\n\r\n{"n":2}\r\n', ndjson],
    [gzipSync('{"n":1}\n{"n":2}\n'), { ...ndjson, 'content-encoding': 'gzip' }],
    [gzipSync('[{"n":1},{"n":2}]'), { ...json, 'content-encoding': 'gzip' }],
  ] as const) {
    assert.deepEqual(await post(payload, headers), { status: 200, count: 2, last: { n: 2 } });
  }
});

test('rows are handed on unchecked, so that one bad row spoils no other', async () => {
  assert.deepEqual(await post('{"n":1}\n{"n":"x","__proto__":{"a":1}}', ndjson), {
    status: 200,
    count: 2,
    last: JSON.parse('{"n":"x","__proto__":{"a":1}}'),
  });
});

test('a malformed body is refused whole, with its line', async () => {
  for (const [payload, headers, line] of [
    ['{"n":1}\n{"n":2', ndjson, 2],
    ['{"n":1}\n\n1,2\n', ndjson, 3],
    ['[{"n":1},\n{"n":2},\n}]', json, 3],
    ['[{"n":1},\n{"n":', json, 2],
    ['{"n":1}', json, 1],
  ] as const) {
    const { status, error } = await post(payload, headers);
    assert.deepEqual([status, error?.code, error?.line], [400, 'malformed', line], payload);
  }
  for (const payload of [Buffer.from('7b226e223a22e4bd', 'hex'), Buffer.from('[{"n":"\xff"}]', 'latin1')]) {
    assert.equal((await post(payload, json)).error?.code, 'malformed');
  }
  assert.equal((await post('', json)).error?.code, 'malformed');
  const gzip = gzipSync('[{"n":1}]');
  const flipped = Buffer.from(gzip);
  flipped[14] = (flipped[14] ?? 0) ^ 0xff;
  for (const payload of [gzip.subarray(0, 15), Buffer.from('not gzip'), flipped]) {
    const { status, error } = await post(payload, { ...json, 'content-encoding': 'gzip' });
    assert.deepEqual([status, error?.code], [400, 'malformed']);
  }
});

test('deep nesting is read, or refused, without harm', async () => {
  const { status } = await post(`[${'['.repeat(1_000_000)}`, json);
  assert.equal(status, 400);
  assert.equal((await post(`[${'['.repeat(200_000)}${']'.repeat(200_000)}]`, json)).count, 1);
});

test('more than 10,000 rows, or 8 MiB, is 413', async () => {
  const rows = (n: number) => '{"n":1}\n'.repeat(n);
  assert.equal((await post(rows(10_000), ndjson)).count, 10_000);
  assert.deepEqual((await post(rows(10_001), ndjson)).error?.code, 'too_many_rows');
  const limit = 8 * 1024 * 1024;
  const exact = `[${' '.repeat(limit - 2)}]`;
  assert.equal((await post(exact, json)).count, 0);
  for (const [payload, headers] of [
    [`${exact} `, json],
    [gzipSync(`${exact} `), { ...json, 'content-encoding': 'gzip' }],
  ] as const) {
    const { status, error } = await post(payload, headers);
    assert.deepEqual([status, error?.code], [413, 'body_too_large']);
  }
});

test('a gzip bomb is cut off while it inflates', async () => {
  const bomb = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  bomb.on('data', (part: Buffer) => parts.push(part));
  const zeros = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 512; i++) if (!bomb.write(zeros)) await new Promise((resolve) => bomb.once('drain', resolve));
  bomb.end();
  await new Promise((resolve) => bomb.once('end', resolve));
  const before = process.memoryUsage().rss;
  const { status } = await post(Buffer.concat(parts), { ...json, 'content-encoding': 'gzip' });
  assert.equal(status, 413);
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
});

test('other types and encodings are 415', async () => {
  assert.equal(
    (await post('a=1', { ...operator, 'content-type': 'application/x-www-form-urlencoded' })).error?.code,
    'unsupported_type',
  );
  assert.equal((await post('[]', { ...json, 'content-encoding': 'br' })).status, 415);
  const put = await app.inject({ method: 'PUT', url: '/v1/things/1', headers: ndjson, payload: '{"name":"x"}' });
  assert.equal(put.statusCode, 415);
});

test("what the schema refuses is 400 in the contract's words and the reader's language", async () => {
  const send = async (payload: object, language: string) => {
    const headers = { ...json, 'accept-language': language };
    const answer = await app.inject({ method: 'PUT', url: '/v1/things/1', headers, payload });
    return [answer.statusCode, answer.json().error ?? answer.json()];
  };
  const message = 'list[1].n must be an integer';
  const bad = { name: 'x', list: [{ n: 1 }, { n: 1.5 }] };
  assert.deepEqual(await send(bad, 'en'), [400, { code: 'wrong_type', field: 'list[1].n', message }]);
  const [, chinese] = await send(bad, 'fr, zh-CN;q=0.9, en;q=0.8');
  assert.equal(chinese.message, 'list[1].n 必须是整数');
  assert.deepEqual(await send({ name: 'x' }, 'en'), [200, { name: 'x' }]);
});

test('a returned refusal has the status of its kind and the language asked for', async () => {
  const expected = { invalid: 400, unauthorised: 403, missing: 404, conflict: 409, exhausted: 503, gone: 410 };
  for (const [kind, status] of Object.entries(expected)) {
    const answer = await app.inject({ url: `/v1/outcome/${kind}`, headers: { 'accept-language': 'zh' } });
    assert.equal(answer.statusCode, status);
    assert.deepEqual(answer.json(), { error: { code: 'some_code', message: '中文说明', field: 'a.b' } });
  }
});

test('a fault is 503 with retry advice; a bug is 500 and says nothing', async () => {
  const fault = await app.inject('/v1/outcome/fault');
  assert.deepEqual([fault.statusCode, fault.headers['retry-after'], fault.json().error.code], [503, '7', 'busy']);
  const away = await app.inject('/v1/outcome/away');
  assert.deepEqual([away.statusCode, away.json().error.code], [503, 'database_away']);
  const bug = await app.inject('/v1/outcome/bug');
  assert.equal(bug.statusCode, 500);
  assert.ok(!bug.body.includes('secret detail'));
});

test('keys open what they are for', async () => {
  const as = async (key: string | null, url: string, method: 'GET' | 'PUT' = 'GET') => {
    const headers = key === null ? {} : { authorization: key };
    const answer = await app.inject({ method, url, headers, ...(method === 'PUT' && { payload: { name: 'x' } }) });
    return answer.statusCode === 200 ? 200 : `${answer.statusCode} ${answer.json().error.code}`;
  };
  assert.equal(await as(null, '/v1/sources/shop-1'), '401 key_missing');
  assert.equal(await as('Bearer nonsense', '/v1/sources/shop-1'), '401 key_unknown');
  assert.equal(await as('Basic rvk-op', '/v1/sources/shop-1'), '401 key_unknown');
  assert.equal(await as('Bearer rvk-one', '/v1/sources/shop-1'), 200);
  assert.equal(await as('Bearer rvk-one', '/v1/sources/shop-2'), '403 other_source');
  assert.equal(await as('Bearer rvk-op', '/v1/sources/shop-2'), 200);
  assert.equal(await as('Bearer rvk-one', '/v1/things/1', 'PUT'), '403 operator_only');
  assert.equal(await as(null, '/v1/open'), 200);
  assert.equal(await as('Bearer nonsense', '/v1/open'), '401 key_unknown');
  assert.equal(await as(null, '/v1/nothing'), '404 not_found');
});

test('a route of the contract that does not say who may call it stops the start', async () => {
  await assert.rejects(
    newApp((app) => app.get('/v1/forgotten', async () => ({}))),
    /does not say who may call it/,
  );
});

test('each key has its own rate; plain files are not counted', async () => {
  const slow = await newApp(
    (app) => {
      app.get('/v1/open', { config: { access: 'public' } }, async () => ({}));
      app.get('/log/checkpoint', async () => '');
    },
    { perKeyPerSecond: 2, perAddressPerSecond: 1 },
  );
  const many = async (n: number, url: string, headers = {}) => {
    let refused = 0;
    for (let i = 0; i < n; i++) {
      const answer = await slow.inject({ url, headers });
      if (answer.statusCode !== 200) {
        assert.deepEqual([answer.statusCode, answer.json().error.code], [429, 'rate_limited']);
        assert.ok(Number(answer.headers['retry-after']) > 0);
        refused++;
      }
    }
    return refused;
  };
  assert.equal(await many(25, '/v1/open', operator), 5);
  assert.equal(await many(25, '/v1/open', { authorization: 'Bearer rvk-one' }), 5);
  assert.equal(await many(15, '/v1/open'), 5);
  assert.equal(await many(100, '/log/checkpoint'), 0);
});

test('healthz is 503 with what is wrong, and metrics count requests by route', async () => {
  assert.equal((await app.inject('/healthz')).statusCode, 200);
  health = { status: 'failing', database: 'failing', books: [] };
  const ill = await app.inject('/healthz');
  assert.deepEqual([ill.statusCode, ill.json()], [503, health]);
  health = { ...health, status: 'ok' };
  assert.match(
    (await app.inject('/metrics')).body,
    /rivulet_http_request_seconds_count\{method="GET",route="\/healthz",status="503"\} 1/,
  );
});

test('the OpenAPI document is 3.1 and comes from the schemas', async () => {
  const document = (await app.inject('/openapi.json')).json();
  assert.match(document.openapi, /^3\.1/);
  const { post } = document.paths['/v1/rows'];
  assert.deepEqual(Object.keys(post.requestBody.content), ['application/json', 'application/x-ndjson']);
  assert.deepEqual(post.security, [{ key: [] }]);
  assert.ok(JSON.stringify(post.responses.default).includes('Error'));
  assert.equal(document.paths['/openapi.json'], undefined);
  assert.deepEqual(Object.keys(post.responses), '400 401 403 404 413 415 429 503 default'.split(' '));
  assert.equal(document.paths['/v1/open'].get.responses['413'], undefined);
});

test('nothing is sent without its security headers', async () => {
  for (const url of ['/healthz', '/nothing', '/v1/open', '/v1/outcome/bug']) {
    const { headers } = await app.inject(url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  }
});

test('a shutdown answers what it has accepted, and neither waits for open streams nor for idle connections', async () => {
  let started = () => {};
  const begun = new Promise<void>((resolve) => {
    started = resolve;
  });
  const closing = await newApp((app) => {
    app.get('/v1/slow', { config: { access: 'public' } }, async () => {
      started();
      await sleep(300);
      return { done: true };
    });
    app.get('/v1/stream', { config: { access: 'public', stream: true } }, (_request, reply) => {
      reply.hijack();
      reply.raw.write('data: 1\n\n');
    });
  });
  const url = await closing.listen({ host: '127.0.0.1', port: 0 });
  const stream = await fetch(`${url}/v1/stream`);
  const idle = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  idle.on('error', () => {});
  const slow = fetch(`${url}/v1/slow`);
  await begun;
  const from = Date.now();
  await closing.close();
  assert.ok(Date.now() - from < 2_000);
  assert.deepEqual(await (await slow).json(), { done: true });
  await assert.rejects(stream.text());
});
