import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { ChunkedBody, Connection, ConnectionLost, getRequest, postRequest, retryAfterOf } from './connection.ts';

const large = 'x'.repeat(300_000);
const server = createServer(async (request, response) => {
  const sent: Buffer[] = [];
  for await (const part of request) sent.push(part as Buffer);
  if (request.url === '/gone') return request.socket.destroy();
  if (request.url === '/busy') return response.writeHead(503, { 'retry-after': '7' }).end('{}');
  if (request.url === '/pieces') {
    response.write('one ');
    response.write(large);
    return response.end(' end');
  }
  const body = Buffer.concat([Buffer.from(`${request.headers.authorization} `), ...sent]);
  return response.writeHead(200, { 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());
const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

async function bodyOf(connection: Connection, request: Buffer): Promise<string> {
  return Buffer.concat((await connection.exchange(request)).pieces).toString();
}

test('answers come whole and in turn over one connection, sized or in chunks', async () => {
  const connection = new Connection(url);
  const post = (body: string) => postRequest({ url, key: 'k' }, '/echo', Buffer.from(body));
  assert.equal(await bodyOf(connection, post('small')), 'Bearer k small');
  assert.equal(await bodyOf(connection, post(large)), `Bearer k ${large}`);
  assert.equal(await bodyOf(connection, getRequest(url, '/pieces')), `one ${large} end`);
  const busy = await connection.exchange(getRequest(url, '/busy'));
  assert.deepEqual([busy.status, retryAfterOf(busy)], [503, 7]);
  assert.equal(await bodyOf(connection, post('again')), 'Bearer k again');
  connection.close();
});

test('a connection that ends is told to whoever waits, and opens again for the next', async () => {
  const connection = new Connection(url);
  await assert.rejects(connection.exchange(getRequest(url, '/gone')), ConnectionLost);
  assert.equal(await bodyOf(connection, getRequest(url, '/pieces')), `one ${large} end`);
  connection.close();
});

test('chunks are put together wherever the network cut them', () => {
  const bytes = Buffer.from('5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n');
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const pieces: Buffer[] = [];
    const body = new ChunkedBody(pieces);
    assert.equal(body.take(bytes.subarray(0, cut)), false);
    assert.equal(body.take(bytes.subarray(cut)), true);
    assert.equal(Buffer.concat(pieces).toString(), 'hello world');
  }
});
