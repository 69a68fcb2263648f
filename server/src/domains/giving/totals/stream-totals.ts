/** `GET /v1/totals/stream`: the totals again after each checkpoint that changed them, at most once a second, by one timer for everybody. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GivingBook, GivingContext } from '../book.ts';
import { publishedTotals } from './published-totals.ts';

const everyMs = 1000;
const keepAliveEvery = 15;
const maxListeners = 20_000;
/** Written before anything else gets its turn: some five milliseconds, so that thousands of listeners hold up no intake. */
const atOnce = 250;

type Listener = FastifyReply['raw'];

class Broadcast {
  readonly #context: GivingContext;
  readonly #held: GivingBook;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #last: Buffer | null = null;
  #quiet = 0;
  #telling = false;

  constructor(context: GivingContext, held: GivingBook) {
    this.#context = context;
    this.#held = held;
  }

  get isFull(): boolean {
    return this.#listeners.size >= maxListeners;
  }

  add(raw: Listener): void {
    this.#listeners.add(raw);
    if (this.#last !== null) raw.write(this.#last);
    raw.once('close', () => this.#remove(raw));
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => void this.#tellInTurn(), everyMs);
    void this.#tellInTurn();
  }

  #remove(raw: Listener): void {
    this.#listeners.delete(raw);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#last = null;
  }

  /** One at a time: a listener must never see older totals after newer ones. */
  async #tellInTurn(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    await this.#tell().finally(() => {
      this.#telling = false;
    });
  }

  async #tell(): Promise<void> {
    const totals = await publishedTotals(this.#context, this.#held).catch(() => null);
    const event =
      totals === null
        ? null
        : Buffer.from(`id: ${totals.asOf.logSize}\nevent: totals\ndata: ${JSON.stringify(totals)}\n\n`);
    if (event === null || this.#last?.equals(event)) {
      this.#quiet = (this.#quiet + 1) % keepAliveEvery;
      if (this.#quiet === 0) await this.#send(stillHere);
      return;
    }
    this.#last = event;
    await this.#send(event);
  }

  /** Those who came before it began; later ones were given it as they came. */
  async #send(event: Buffer): Promise<void> {
    let written = 0;
    for (const raw of [...this.#listeners]) {
      if (this.#listeners.has(raw)) write(raw, event);
      written += 1;
      if (written % atOnce === 0) await nextTurn();
    }
  }
}

const stillHere = Buffer.from(': still here\n\n');

/** A listener that does not read is dropped, rather than buffered for. */
function write(raw: Listener, event: Buffer): void {
  if (raw.writableNeedDrain) raw.destroy();
  else raw.write(event);
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
