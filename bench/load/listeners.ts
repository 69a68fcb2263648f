/** A process of its own: thousands of listeners to the stream of totals, each a socket, and when each update came to each of them. */
import { connect, type Socket } from 'node:net';

/** What the parent sends. `open` begins, `mark` forgets what came so far, `report` asks for the result. */
export type Ask =
  | { readonly ask: 'open'; readonly url: string; readonly clients: number }
  | { readonly ask: 'mark' | 'report' };

export interface Heard {
  /** Log size at which the totals are true. */
  readonly id: number;
  readonly listeners: number;
  /** From the first listener that had it to each, in milliseconds, ascending. */
  readonly delaysMs: readonly number[];
}

export type Said =
  | { readonly said: 'opened'; readonly seconds: number }
  | { readonly said: 'heard'; readonly updates: readonly Heard[] };

/** Connections that are opened at once: the kernel's queue of the server is short. */
const atOnce = 100;

/** By id: when each listener had it, by performance.now(). */
let heard = new Map<number, number[]>();

async function open(url: URL, clients: number): Promise<void> {
  let left = clients;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await listen(url);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Resolves at the first bytes of the answer. */
function listen(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: url.hostname, port: Number(url.port) });
    let rest = '';
    socket.once('connect', () => socket.write(`GET /v1/totals/stream HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`));
    socket.once('error', reject);
    socket.on('data', (bytes) => {
      const at = performance.now();
      const text = rest + bytes.toString('latin1');
      const end = text.lastIndexOf('\n\n');
      rest = end < 0 ? text : text.slice(end + 2);
      if (end >= 0) for (const [, id] of text.slice(0, end).matchAll(/(?:^|\n)id: (\d+)\n/g)) note(Number(id), at);
      resolve();
    });
  });
}

function note(id: number, at: number): void {
  const times = heard.get(id);
  if (times === undefined) heard.set(id, [at]);
  else times.push(at);
}

function report(): Said {
  const updates = [...heard].map(([id, times]): Heard => {
    const first = times.reduce((least, at) => Math.min(least, at));
    const delaysMs = times.map((at) => Number((at - first).toFixed(2))).toSorted((a, b) => a - b);
    return { id, listeners: times.length, delaysMs };
  });
  return { said: 'heard', updates };
}

process.on('message', async (message: Ask) => {
  if (message.ask === 'open') {
    const start = performance.now();
    await open(new URL(message.url), message.clients);
    process.send?.({ said: 'opened', seconds: (performance.now() - start) / 1_000 } satisfies Said);
  } else if (message.ask === 'mark') heard = new Map();
  else process.send?.(report());
});
process.on('disconnect', () => process.exit());
