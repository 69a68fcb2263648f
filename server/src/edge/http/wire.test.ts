/** What only shows on a real connection: bodies that are refused while they are sent, requests that are none, a server that is closing. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { z } from 'zod';
import { buildApp } from './app.ts';
import { newRegistry } from './metrics.ts';

const mib = 1024 * 1024;

async function listening(routes: (app: FastifyInstance) => void): Promise<{ app: FastifyInstance; url: string }> {
  const app = await buildApp({
    identify: async () => ({ keyId: 'op', scope: 'operator', source: null }),
    health: async () => ({ status: 'ok', database: 'ok', books: [] }),
    metrics: newRegistry(),
    rates: { perKeyPerSecond: 1000, perAddressPerSecond: 1000 },
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
  });
  routes(app);
  after(() => app.close());
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

const { url } = await listening((app) => {
  const config = { access: 'public' as const };
  app.post('/v1/rows', { config: { ...config, rows: true }, schema: { body: z.array(z.unknown()) } }, async () => ({}));
  app.get('/v1/things/:id/proof', { config }, async () => 'a proof');
  app.put('/v1/things/:id/proof', { config }, async () => ({}));
});

/** Sends bytes as they are and reads until the server closes. */
async function exchange(
  text: string,
): Promise<{ status: number; type: string; error: { code: string; message: string } }> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.write(text);
  let answer = '';
  for await (const part of socket.setEncoding('utf8')) answer += part;
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? '';
  return { status: Number(head.split(' ')[1]), type, ...JSON.parse(body) };
}

const json = { 'content-type': 'application/json' };

test('a body over the limit is 413 every time, however far the client has got with it', async () => {
  for (const size of [8 * mib + 1, 32 * mib]) {
    const body = Buffer.alloc(size, ' ');
    const chunked = () => new Blob([body]).stream();
    for (let i = 0; i < 10; i++) {
      const sent = i % 2 === 0 ? { body } : { body: chunked(), duplex: 'half' as const };
      const answer = await fetch(`${url}/v1/rows`, { method: 'POST', headers: json, ...sent });
      const { error } = (await answer.json()) as { error: { code: string } };
      assert.deepEqual([answer.status, error.code], [413, 'body_too_large'], `${size} bytes, time ${i}`);
    }
  }
});

test('a body that is announced far over the limit is answered before it is sent', async () => {
  const { status, error } = await exchange(
    `POST /v1/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${73 * mib}\r\n\r\n[`,
  );
  assert.deepEqual([status, error.code], [413, 'body_too_large']);
});

test('what is no request is answered in the error body too, in the language that it asked for', async () => {
  const chinese = 'Accept-Language: zh-CN\r\n';
  for (const [text, status, code] of [
    [`NONSENSE /v1/rows HTTP/1.1\r\nHost: x\r\n\r\n`, 400, 'bad_request'],
    [`POST /v1/rows HTTP/1.1\r\nHost: x\r\n${chinese}Content-Length: many\r\n\r\n`, 400, 'bad_request'],
    [`POST /v1/rows HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]`, 400, 'bad_request'],
    [`GET / HTTP/1.1\r\nHost: x\r\n${chinese}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const) {
    const answer = await exchange(text);
    assert.deepEqual([answer.status, answer.error.code], [status, code], text.slice(0, 100));
    assert.match(answer.type, /^application\/json/);
    assert.match(answer.error.message, text.includes(chinese) ? /请求/ : /^[a-z ]+/i);
  }
});

test('an address that cannot be decoded is refused in the error body, with the security headers', async () => {
  for (const path of ['%ZZ', 'x'.repeat(600)]) {
    const answer = await fetch(`${url}/v1/things/${path}/proof`, { headers: { 'accept-language': 'zh' } });
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { error: { code: 'bad_url', message: '地址无效' } });
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('another method of a known address is 405 with those that it takes', async () => {
  const answer = await fetch(`${url}/v1/things/7/proof?x=1`, { method: 'DELETE' });
  const { error } = (await answer.json()) as { error: { code: string } };
  assert.deepEqual([answer.status, error.code], [405, 'method_not_allowed']);
  assert.equal(answer.headers.get('allow'), 'GET, HEAD, PUT');
  assert.equal((await fetch(`${url}/v1/things/7`, { method: 'DELETE' })).status, 404);
});

test('a request that arrives while the server closes is told to come again', async () => {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const closing = await listening((app) => {
    app.get('/v1/slow', { config: { access: 'public' } }, async () => {
      begin();
      await sleep(500);
      return { done: true };
    });
    app.post('/v1/rows', { config: { access: 'public', rows: true } }, async () => ({}));
  });
  const slow = fetch(`${closing.url}/v1/slow`);
  await begun;
  const closed = closing.app.close();
  await sleep(50);
  for (const [language, words] of [
    ['en', /stopping/],
    ['zh', /正在停止/],
  ] as const) {
    const headers = { ...json, 'accept-language': language };
    const body = Buffer.alloc(4 * mib, ' ');
    for (const request of [{ headers }, { headers, method: 'POST', body }]) {
      const answer = await fetch(`${closing.url}/v1/${request.method ? 'rows' : 'slow'}`, request);
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      assert.deepEqual([answer.status, error.code, answer.headers.get('retry-after')], [503, 'stopping', '5']);
      assert.match(error.message, words);
    }
  }
  assert.deepEqual(await (await slow).json(), { done: true });
  await closed;
});
