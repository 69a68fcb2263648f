import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import Fastify from 'fastify';
import { web } from './index.ts';

/** Pages in front of an API that is away: every question to it is answered 404 by Fastify itself. */
const app = Fastify({ forceCloseConnections: true });
await app.register(web, { demo: () => false });
after(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('a visitor is sent to the language they ask for, English when it is neither', async () => {
  for (const [asked, sent] of [
    ['zh-TW,zh;q=0.9,en;q=0.8', '/zh'],
    ['en;q=0.3, zh;q=0.2', '/en'],
    ['fr-FR, de', '/en'],
    ['zh;q=0', '/en'],
  ] as const) {
    const answer = await get('/', { 'accept-language': asked });
    assert.deepEqual([answer.statusCode, answer.headers.location], [302, sent], asked);
    assert.match(String(answer.headers.vary), /accept-language/);
  }
});

test('the language of an earlier page weighs more than what the browser asks for', async () => {
  const earlier = await get('/zh/how');
  const cookie = String(earlier.headers['set-cookie']).split(';')[0] as string;
  assert.equal((await get('/', { 'accept-language': 'en', cookie })).headers.location, '/zh');
  assert.equal((await get('/zh/how', { cookie })).headers['set-cookie'], undefined, 'said once');
});

test('figures that cannot be read are unknown, not zero', async () => {
  const { statusCode, body } = await get('/en');
  assert.equal(statusCode, 200);
  assert.match(body, /not known now/);
  assert.doesNotMatch(body, /0\.00/);
  const projects = await get('/zh/projects');
  assert.equal(projects.statusCode, 503);
  assert.match(projects.body, /账本暂时无法应答/);
});

test('no page carries a script of its own text, and the policy would refuse one', async () => {
  for (const path of ['/en', '/zh/gift', '/en/check', '/en/how', '/en/none']) {
    const { body, headers } = await get(path);
    for (const [, attributes, text] of body.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
      assert.match(attributes ?? '', /src="\/assets\/live\//);
      assert.equal(text, '');
    }
    assert.doesNotMatch(body, / style="/);
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self';/);
  }
});

test('an address without a page is a page that says so, in a language', async () => {
  const lost = await get('/zh/nowhere');
  assert.equal(lost.statusCode, 404);
  assert.match(lost.body, /这里没有页面/);
  const nowhere = await get('/nowhere/at/all', { 'accept-language': 'zh' });
  assert.equal(nowhere.statusCode, 404);
  assert.match(nowhere.body, /<html lang="zh-CN">/);
});

test('what is missing below an address for programs is not answered with a page', async () => {
  for (const path of ['/v1/none', '/log/none', '/books/main/log/none', '/assets/none.js', '/openapi.json']) {
    const { statusCode, headers } = await get(path);
    assert.equal(statusCode, 404, path);
    assert.match(String(headers['content-type']), /json/, path);
  }
});

test('assets are there for good, compressed beforehand', async () => {
  const { body } = await get('/en');
  const [, style = ''] = /href="(\/assets\/[^"]+\.css)"/.exec(body) ?? [];
  const { statusCode, headers } = await get(style, { 'accept-encoding': 'br, gzip' });
  assert.equal(statusCode, 200);
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(headers['content-encoding'], 'br');
});

test('an answer to a form is neither kept nor compressed, and the form is read up to 4 KiB only', async () => {
  const post = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/en/gift',
      payload,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'accept-encoding': 'gzip',
        origin: 'http://localhost:80',
      },
    });
  const { headers } = await post('code=abc');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['content-encoding'], undefined);
  assert.equal((await post(`code=${'a'.repeat(5000)}`)).statusCode, 413);
});

test('a form sent from another site is refused', async () => {
  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/en/gift',
    payload: 'code=abc',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://elsewhere.example' },
  });
  assert.equal(statusCode, 400);
});
