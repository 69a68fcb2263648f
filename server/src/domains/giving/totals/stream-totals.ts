/** `GET /v1/totals/stream`: the totals again after each checkpoint that changed them, at most once a second, by one timer for everybody. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GivingBook, GivingContext } from '../book.ts';
import { publishedTotals } from './published-totals.ts';

const everyMs = 1000;
const keepAliveEvery = 15;
const maxListeners = 20_000;

class Broadcast {
  readonly #context: GivingContext;
  readonly #held: GivingBook;
  readonly #listeners = new Set<FastifyReply['raw']>();
  #timer: NodeJS.Timeout | null = null;
  #last = '';
  #quiet = 0;

  constructor(context: GivingContext, held: GivingBook) {
    this.#context = context;
    this.#held = held;
  }

  get isFull(): boolean {
    return this.#listeners.size >= maxListeners;
  }

  add(raw: FastifyReply['raw']): void {
    this.#listeners.add(raw);
    if (this.#last !== '') raw.write(this.#last);
    raw.once('close', () => this.#remove(raw));
    this.#timer ??= setInterval(() => void this.#tell(), everyMs);
    void this.#tell();
  }

  #remove(raw: FastifyReply['raw']): void {
    this.#listeners.delete(raw);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#last = '';
  }

  async #tell(): Promise<void> {
    const totals = await publishedTotals(this.#context, this.#held).catch(() => null);
    const event =
      totals === null ? '' : `id: ${totals.asOf.logSize}\nevent: totals\ndata: ${JSON.stringify(totals)}\n\n`;
    if (event === this.#last || event === '') {
      this.#quiet = (this.#quiet + 1) % keepAliveEvery;
      if (this.#quiet === 0) this.#send(': still here\n\n');
      return;
    }
    this.#last = event;
    this.#send(event);
  }

  /** A listener that does not read is dropped, rather than buffered for. */
  #send(event: string): void {
    for (const raw of this.#listeners)
      if (raw.writableNeedDrain) raw.destroy();
      else raw.write(event);
  }
}

const broadcasts = new WeakMap<GivingBook, Broadcast>();

export function streamTotals(
  context: GivingContext,
  held: GivingBook,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  let broadcast = broadcasts.get(held);
  if (broadcast === undefined) {
    broadcast = new Broadcast(context, held);
    broadcasts.set(held, broadcast);
  }
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  if (broadcast.isFull) {
    raw.writeHead(503, { 'retry-after': '30' }).end();
    return;
  }
  request.raw.socket.setNoDelay(true);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write('retry: 3000\n\n');
  broadcast.add(raw);
}
