import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startTestServer } from '../../../../../test/support/server.ts';

const server = await startTestServer();
const url = new URL(server.url);

interface Listener {
  text: string;
}

async function listen(): Promise<Listener> {
  const socket = connect(Number(url.port), url.hostname);
  const listener = { text: '' };
  socket.on('data', (bytes) => {
    listener.text += bytes;
  });
  socket.on('error', () => {});
  after(() => socket.destroy());
  socket.write(`GET /v1/totals/stream HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
  while (!listener.text.includes('event: totals')) await pause(5);
  return listener;
}

test('whoever comes hears the totals at once, and costs those who listen already nothing', async () => {
  while ((await fetch(`${server.url}/v1/totals`)).status !== 200) await pause(20);
  const listeners: Listener[] = [];
  for (let i = 0; i < 40; i += 1) listeners.push(await listen());
  for (const { text } of listeners) {
    assert.equal(text.match(/^event: totals$/gm)?.length, 1);
    assert.doesNotMatch(text, /still here/);
  }
});

test('everybody hears the next totals once, hundreds at a time', async () => {
  const listeners = await Promise.all(Array.from({ length: 600 }, listen));
  const size = () => server.server.installation.books[0]?.log.state.size ?? 0;
  const before = size();
  await server.client.putSource('shop-1', { name: { en: 'Shop' }, zone: 'Asia/Shanghai', currencies: ['CNY'] });
  await server.client.putRecipients([
    { recipient: 'p-1', type: 'project', name: { en: 'Lunch' }, charity: { en: 'Spruce' }, assets: ['CNY'] },
  ]);
  while (size() === before) await pause(20);
  await pause(2_500);
  const heard = listeners.map(({ text }) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)));
  for (const ids of heard) {
    assert.equal(ids.at(-1), size());
    assert.deepEqual(
      ids,
      [...new Set(ids)].toSorted((a, b) => a - b),
    );
  }
});
