import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { OutOfReach, RequestRefused } from './request-refused.ts';
import { delayMs, patient, retryAfterMs } from './retry.ts';
import { Transport } from './transport.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, tries: number) => void;
let answer: Answer = () => {};
let tries = 0;
const server = createServer((request, response) => answer(request, response, ++tries));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());

function setting(by: Answer): { transport: Transport; waits: number[] } {
  const waits: number[] = [];
  answer = by;
  tries = 0;
  const transport = new Transport({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    key: 'rvk_a_b',
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
    retry: { attempts: 4, firstDelayMs: 100, longestDelayMs: 5_000 },
  });
  return { transport, waits };
}

test('"not now" is asked again after the wait that the server names', async () => {
  const { transport, waits } = setting((_request, response, tries) => {
    if (tries === 1) response.writeHead(503, { 'retry-after': '2' }).end();
    else if (tries === 2) response.writeHead(429).end('{}');
    else response.end('{"ok":1}');
  });
  assert.deepEqual(await transport.json({ method: 'GET', path: '/x' }), { ok: 1 });
  assert.deepEqual([waits, transport.retries], [[2_000, 100], 2]);
});

test('a lost connection is tried again, with the same body', async () => {
  const bodies: string[] = [];
  const { transport } = setting(async (request, response, tries) => {
    bodies.push(await text(request));
    if (tries === 1) request.socket.destroy();
    else response.end('{}');
  });
  await transport.json({ method: 'POST', path: '/v1/giving/orders', body: '{"a":1}' });
  assert.deepEqual(bodies, ['{"a":1}', '{"a":1}']);
});

test('a refusal is final and carries code, field and line', async () => {
  const { transport } = setting((_request, response) => {
    response.writeHead(400).end('{"error":{"code":"malformed","message":"no","field":"paid","line":7}}');
  });
  const error = await transport.json({ method: 'POST', path: '/x', body: '{}' }).catch((reason) => reason);
  assert.ok(error instanceof RequestRefused);
  assert.deepEqual(
    [error.status, error.detail.code, error.detail.field, error.detail.line, tries],
    [400, 'malformed', 'paid', 7, 1],
  );
});

test('a page that is not ours is a refusal too', async () => {
  const { transport } = setting((_request, response) => void response.writeHead(403).end('<html>no entry'));
  await assert.rejects(transport.text({ method: 'GET', path: '/x' }), /status_403: <html>no entry/);
});

test('after the last try it says that the server is out of reach', async () => {
  const { transport, waits } = setting((_request, response) => void response.writeHead(503).end());
  await assert.rejects(
    transport.json({ method: 'GET', path: '/x' }),
    (error) => error instanceof OutOfReach && error.status === 503,
  );
  assert.deepEqual(waits, [50, 100, 200]);
});

test('large bodies travel compressed, small ones as they are, both with the key', async () => {
  const seen: [string | undefined, string | undefined, string][] = [];
  const { transport } = setting(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const encoding = request.headers['content-encoding'];
    const whole = Buffer.concat(parts);
    seen.push([encoding, request.headers.authorization, (encoding === 'gzip' ? gunzipSync(whole) : whole).toString()]);
    response.end('{}');
  });
  for (const body of ['{}', 'x'.repeat(5_000)]) await transport.json({ method: 'PUT', path: '/x', body });
  assert.deepEqual(seen, [
    [undefined, 'Bearer rvk_a_b', '{}'],
    ['gzip', 'Bearer rvk_a_b', 'x'.repeat(5_000)],
  ]);
});

test('a caller who gives up is not kept waiting', async () => {
  const { transport } = setting(() => {});
  const stop = new AbortController();
  const call = transport.json({ method: 'GET', path: '/x', signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
});

test('Retry-After is read as seconds or as a date, and never makes a wait longer than the longest', () => {
  assert.equal(retryAfterMs('3', 0), 3_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 2_000), 3_000);
  for (const nothing of [null, '', '-1', 'soon']) assert.equal(retryAfterMs(nothing, 0), 0);
  assert.equal(delayMs(patient, 1, 1e9, 0), patient.longestDelayMs);
  assert.equal(delayMs(patient, 3, 0, 1), patient.firstDelayMs * 4);
});
