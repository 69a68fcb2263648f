import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type LogSource, urlSource } from '../tlog/source.ts';
import { siteSource } from './site-source.ts';

let server: Server;
let base = '';

before(async () => {
  server = createServer(({ url }, response) => {
    if (url === '/log/plain') response.end('hello');
    else if (url === '/log/packed')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5000)));
    else if (url === '/log/moved') response.writeHead(302, { location: '/log/plain' }).end();
    else if (url === '/log/circle') response.writeHead(302, { location: '/log/circle' }).end();
    else if (url === '/log/busy') response.writeHead(503).end('busy');
    else if (url === '/log/cut') {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const sources: [string, () => LogSource][] = [
  ['node:http', () => siteSource(base)],
  ['fetch', () => urlSource(`${base}/`)],
];
for (const [name, open] of sources) {
  test(`over ${name}: bytes, nothing, or unreachable, never more than asked for`, async () => {
    const source = open();
    const text = async (path: string, max = 10_000) =>
      new TextDecoder().decode((await source.read(path, max)) ?? undefined);
    assert.equal(source.name, `${base}/`);
    assert.equal(await text('plain'), 'hello');
    assert.equal(await text('moved'), 'hello');
    assert.equal((await text('packed')).length, 5000);
    assert.equal(await source.read('missing', 10), null);
    for (const [path, max] of [
      ['busy', 100],
      ['circle', 100],
      ['cut', 100],
      ['plain', 4],
      ['packed', 4999],
    ] as const) {
      await assert.rejects(source.read(path, max), { name: 'Unreachable', where: `${base}/${path}` }, path);
    }
  });
}
