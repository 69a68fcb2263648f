import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { getRequest } from './connection.ts';
import { driveOpen } from './open-loop.ts';

test('a server that stalls is charged from when each request was due, not from when it was sent', async (t) => {
  const held: ServerResponse[] = [];
  let stalled = true;
  const server = createServer((_request, response) => {
    if (stalled) held.push(response);
    else response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  setTimeout(() => {
    stalled = false;
    for (const response of held) response.end('ok');
  }, 300);
  const due = Array.from({ length: 40 }, (_, i) => i * 10);
  const requests = due.map(() => getRequest(url, '/'));
  // Two connections: the third request on waits here, and its clock runs all the same.
  const { arrived, mostWaiting } = await driveOpen({ url }, requests, due, 2);
  assert.ok(arrived.every(({ answer }) => answer?.status === 200));
  assert.ok((arrived[0]?.ms ?? 0) > 280);
  assert.ok((arrived[10]?.ms ?? 0) > 180, `${arrived[10]?.ms}`);
  assert.ok((arrived[39]?.ms ?? 0) < 100, `${arrived[39]?.ms}`);
  assert.ok(mostWaiting >= 25, `${mostWaiting}`);
});
