/** The calls of the HTTP API, one method each. What it may throw: RequestRefused, OutOfReach; from the log, LogBroken. */
import {
  type Change,
  type DayReport,
  type ErasureAnswer,
  type FeedRow,
  type Gift,
  type Health,
  type Item,
  type ItemAnswer,
  type ItemRow,
  limits,
  type Merchant,
  type MerchantAnswer,
  type MerchantInput,
  type OrderEventInput,
  type OrderLookup,
  type OrderLookupAnswer,
  type OrdersAnswer,
  type Page,
  type Pledge,
  type PledgeAnswer,
  type PledgeEnded,
  type PledgeInput,
  type Recipient,
  type RecipientAnswer,
  type RecipientRow,
  type RecipientTotals,
  type Source,
  type SourceAnswer,
  type SourceInput,
  type Totals,
} from './contract/index.ts';
import { type Chunk, chunksOf, linesOf } from './lines.ts';
import { LogWatch, type PromiseVerdict } from './log/log-watch.ts';
import { inMemory, type LogMemory } from './log/memory.ts';
import { Transport, type TransportOptions } from './transport.ts';

export interface ClientOptions extends TransportOptions {
  /** Where checkpoints and promises are kept; in memory if not said. A marketplace keeps them on disk: they are its evidence. */
  readonly memory?: LogMemory;
  /** Verifier keys of the log, got from somewhere you trust. Without them the first ones seen are kept and held to. */
  readonly logKeys?: readonly string[];
}

export interface SendOptions {
  /** Requests under way at once. Results come in the order of the events all the same. */
  readonly inFlight?: number;
  /** Events in one request. */
  readonly rows?: number;
}

export interface SentOrders<E> {
  readonly events: readonly E[];
  readonly answer: OrdersAnswer;
}

export class RivuletClient {
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #memory: LogMemory;
  readonly #watches = new Map<string, LogWatch>();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#transport = new Transport(options);
    this.#memory = options.memory ?? inMemory();
  }

  /** Tries that failed and were repeated so far. */
  get retries(): number {
    return this.#transport.retries;
  }

  // What a marketplace and its operator say. Said twice is `unchanged`.

  putSource(source: string, body: SourceInput): Promise<SourceAnswer> {
    return this.#put(`/v1/giving/sources/${source}`, body);
  }

  putRecipients(rows: readonly RecipientRow[]): Promise<RecipientAnswer> {
    return this.#putRows('/v1/giving/recipients', rows);
  }

  putMerchants(source: string, rows: readonly MerchantInput[]): Promise<MerchantAnswer> {
    return this.#putRows(`/v1/giving/sources/${source}/merchants`, rows);
  }

  putPledges(source: string, rows: readonly PledgeInput[]): Promise<PledgeAnswer> {
    return this.#putRows(`/v1/giving/sources/${source}/pledges`, rows);
  }

  /** Ends a pledge now. */
  endPledge(source: string, pledge: string): Promise<PledgeEnded> {
    const path = `/v1/giving/sources/${source}/pledges/${encodeURIComponent(pledge)}`;
    return this.#transport.json({ method: 'DELETE', path }) as Promise<PledgeEnded>;
  }

  putItems(source: string, rows: readonly ItemRow[]): Promise<ItemAnswer> {
    return this.#putRows(`/v1/giving/sources/${source}/items`, rows);
  }

  sources(): AsyncGenerator<Source> {
    return this.#list('/v1/giving/sources');
  }

  recipients(): AsyncGenerator<Recipient> {
    return this.#list('/v1/giving/recipients');
  }

  merchants(source: string): AsyncGenerator<Merchant> {
    return this.#list(`/v1/giving/sources/${source}/merchants`);
  }

  pledges(source: string): AsyncGenerator<Pledge> {
    return this.#list(`/v1/giving/sources/${source}/pledges`);
  }

  items(source: string): AsyncGenerator<Item> {
    return this.#list(`/v1/giving/sources/${source}/items`);
  }

  /** The pledged items: send the order lines of these, the others make no gift. */
  feed(source: string): AsyncGenerator<FeedRow> {
    return this.#list(`/v1/giving/sources/${source}/feed`);
  }

  // Orders

  /** Reports up to 10,000 events in one request. The promise and checkpoint of the answer are kept. Safe to repeat. */
  async sendOrders(events: readonly OrderEventInput[]): Promise<OrdersAnswer> {
    return this.#sendLines(events.map((event) => JSON.stringify(event)).join('\n'));
  }

  /** Reports any number of events, several requests at a time, and yields each request's results in order. */
  async *sendAllOrders<E extends OrderEventInput>(
    events: Iterable<E> | AsyncIterable<E>,
    { inFlight = 3, rows = limits.rows }: SendOptions = {},
  ): AsyncGenerator<SentOrders<E>> {
    const under: Promise<SentOrders<E>>[] = [];
    const send = async (chunk: Chunk<E>) => ({ events: chunk.rows, answer: await this.#sendLines(chunk.body) });
    for await (const chunk of chunksOf(events, rows)) {
      const sent = send(chunk);
      // Its failure is seen when its turn comes; until then it must not count as unhandled.
      sent.catch(() => {});
      under.push(sent);
      if (under.length >= inFlight) yield await (under.shift() as Promise<SentOrders<E>>);
    }
    while (under.length > 0) yield await (under.shift() as Promise<SentOrders<E>>);
  }

  async #sendLines(body: string): Promise<OrdersAnswer> {
    const sent = { method: 'POST', path: '/v1/giving/orders', body, contentType: 'application/x-ndjson' } as const;
    const answer = (await this.#transport.json(sent)) as OrdersAnswer;
    const watch = this.log(answer.book);
    if (answer.promise !== null) await watch.keepPromise(answer.promise);
    if (answer.checkpoint !== null) await watch.see(answer.checkpoint);
    return answer;
  }

  // Looking and reconciling

  day(source: string, date: string): Promise<DayReport> {
    return this.#get(`/v1/giving/sources/${source}/days/${date}`);
  }

  /** What was created and returned since log index `after`, in log order, once; ends when there is no more. @param source needed with an operator's key */
  async *changes(after = -1, source?: string): AsyncGenerator<Change> {
    const of = source === undefined ? '' : `&source=${source}`;
    for (let seen = after; ; ) {
      const response = await this.#transport.send({ method: 'GET', path: `/v1/giving/changes?after=${seen}${of}` });
      if (response.body === null) return;
      let some = false;
      for await (const line of linesOf(response.body)) {
        const change = JSON.parse(line) as Change;
        some = true;
        seen = change.index;
        yield change;
      }
      if (!some) return;
    }
  }

  gift(code: string): Promise<Gift> {
    return this.#post('/v1/giving/gifts/lookup', { code });
  }

  order(lookup: OrderLookup): Promise<OrderLookupAnswer> {
    return this.#post('/v1/giving/orders/lookup', lookup);
  }

  /** The `.tlog-proof` file of a gift; with its code (or the source's key) it holds the opening. The code travels in the body, never in an address. */
  proof(gift: string, code?: string): Promise<string> {
    const path = `/v1/giving/gifts/${gift}/proof`;
    if (code === undefined) return this.#transport.text({ method: 'GET', path });
    return this.#transport.text({ method: 'POST', path, body: JSON.stringify({ code }) });
  }

  /** Forgets a buyer for good. */
  erase(source: string, buyer: string): Promise<ErasureAnswer> {
    return this.#post(`/v1/giving/sources/${source}/erasures`, { buyer });
  }

  // Public

  totals(): Promise<Totals> {
    return this.#get('/v1/totals');
  }

  recipientTotals(): Promise<RecipientTotals> {
    return this.#get('/v1/giving/totals');
  }

  /** The totals now and after each change, until `signal` or the server ends it. Does not reconnect. */
  async *totalsStream(signal?: AbortSignal): AsyncGenerator<Totals> {
    const sent = {
      method: 'GET',
      path: '/v1/totals/stream',
      headers: { accept: 'text/event-stream' },
      limitTime: false,
    } as const;
    const response = await this.#transport.send(signal === undefined ? sent : { ...sent, signal });
    if (response.body === null) return;
    for await (const line of linesOf(response.body))
      if (line.startsWith('data:')) yield JSON.parse(line.slice(5)) as Totals;
  }

  /** Throws OutOfReach while the server is failing. */
  health(): Promise<Health> {
    return this.#get('/healthz');
  }

  // The log

  /** What this client has seen of a book's log, and its checks. */
  log(book = 'main'): LogWatch {
    let watch = this.#watches.get(book);
    if (watch === undefined) {
      watch = new LogWatch({
        book,
        transport: this.#transport,
        memory: this.#memory,
        keys: this.#options.logKeys ?? null,
      });
      this.#watches.set(book, watch);
    }
    return watch;
  }

  /** Checks every promise kept, of all books, against the newest checkpoint. Those that were kept are forgotten; a broken one stays as evidence. */
  async checkPromises(): Promise<PromiseVerdict[]> {
    const verdicts: PromiseVerdict[] = [];
    for (const book of await this.#memory.books()) verdicts.push(...(await this.log(book).checkPromises()));
    return verdicts;
  }

  #get<T>(path: string): Promise<T> {
    return this.#transport.json({ method: 'GET', path }) as Promise<T>;
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return this.#transport.json({ method: 'POST', path, body: JSON.stringify(body) }) as Promise<T>;
  }

  #put<T>(path: string, body: unknown): Promise<T> {
    return this.#transport.json({ method: 'PUT', path, body: JSON.stringify(body) }) as Promise<T>;
  }

  /** As many requests as the rows need, one after another; their results joined. */
  async #putRows<R>(path: string, rows: readonly unknown[]): Promise<{ results: R[] }> {
    const results: R[] = [];
    for await (const { body } of chunksOf(rows)) {
      const sent = { method: 'PUT', path, body, contentType: 'application/x-ndjson' } as const;
      results.push(...((await this.#transport.json(sent)) as { results: R[] }).results);
    }
    return { results };
  }

  async *#list<T>(path: string): AsyncGenerator<T> {
    let after = '';
    for (;;) {
      const page = await this.#get<Page<T>>(`${path}?limit=${limits.page}${after}`);
      yield* page.list;
      if (page.next === null) return;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }
}
