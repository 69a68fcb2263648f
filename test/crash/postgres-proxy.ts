/**
 * Stands between a server and PostgreSQL, reads along, and cuts a connection at a chosen statement: before the database hears of it, or when
 * the database has carried it out and the answer is on its way.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Address } from '../../server/src/edge/postgres/index.ts';

/** `before`: never sent. `after`: carried out, its answer lost. */
export type Cut = 'before' | 'after';

export interface Statement {
  /** application_name of the connection, for example `rivulet writer main`. */
  readonly connection: string;
  /** Its SQL, or the end of a COPY as `copy done`. */
  readonly text: string;
}

/** Asked at each statement of each connection. */
export type Rule = (statement: Statement) => Cut | null;

export class PostgresProxy {
  readonly address: Address;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #rule: Rule = () => null;
  cuts = 0;

  private constructor(server: Server, target: Address, port: number) {
    this.#server = server;
    this.address = { ...target, host: '127.0.0.1', port };
  }

  /** Closed after the file's last test. */
  static async open(target: Address): Promise<PostgresProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const proxy = new PostgresProxy(server, target, port);
    server.on('connection', (client) => proxy.#link(client, target));
    after(() => proxy.#close());
    return proxy;
  }

  /** From now on; null lets everything pass. */
  follow(rule: Rule | null): void {
    this.#rule = rule ?? (() => null);
  }

  #link(client: Socket, target: Address): void {
    const database = createConnection(join(target.host, `.s.PGSQL.${target.port}`));
    const link = new Link(client, database, (statement) => {
      const cut = this.#rule(statement);
      if (cut !== null) this.cuts += 1;
      return cut;
    });
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
  }

  #close(): void {
    this.#server.close();
    for (const link of this.#links) link.cut();
  }
}

/** Splits a direction's bytes into whole messages. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  /** The first message of a client has no type. */
  #typed: boolean;

  constructor(typed: boolean) {
    this.#typed = typed;
  }

  *read(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const start = this.#typed ? 1 : 0;
      if (this.#rest.length < start + 4) return;
      const end = start + this.#rest.readInt32BE(start);
      if (this.#rest.length < end) return;
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      this.#typed = true;
    }
  }
}

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #database: Socket;
  readonly #rule: Rule;
  readonly #fromClient = new Messages(false);
  readonly #fromDatabase = new Messages(true);
  readonly #prepared = new Map<string, string>();
  #name: string | null = null;
  #text = '';
  #cutAtAnswer = false;
  /** Of the query under way: COPYs whose rows were sent whole, and COPYs that the database was ready for. */
  #copied = 0;
  #ready = 0;

  constructor(client: Socket, database: Socket, rule: Rule) {
    this.#client = client;
    this.#database = database;
    this.#rule = rule;
    client.on('data', (chunk) => this.#forward(chunk));
    database.on('data', (chunk) => this.#back(chunk));
    for (const socket of [client, database]) {
      socket.on('error', () => {});
      socket.on('close', () => this.cut());
    }
  }

  cut(): void {
    this.#client.destroy();
    this.#database.destroy();
  }

  #forward(chunk: Buffer): void {
    for (const message of this.#fromClient.read(chunk)) {
      // Behind the cut nothing is sent, also where the client does not wait for answers.
      if (this.#cutAtAnswer) return;
      const cut = this.#read(message) ? this.#rule({ connection: this.#name ?? '', text: this.#text }) : null;
      if (cut === 'before') {
        this.cut();
        return;
      }
      this.#database.write(message);
      if (cut === 'after') this.#cutAtAnswer = true;
    }
  }

  /** Whether the database acts on this message: a query, the end of an extended query, the end of a COPY. */
  #read(message: Buffer): boolean {
    if (this.#name === null) {
      this.#name = /application_name\0([^\0]*)\0/.exec(message.toString('latin1', 8))?.[1] ?? '';
      return false;
    }
    const type = String.fromCharCode(message[0] as number);
    const [first = '', second = ''] = type === 'Q' || type === 'P' || type === 'B' ? textsOf(message) : [];
    if (type === 'Q') {
      this.#text = first;
      this.#copied = 0;
      this.#ready = 0;
    }
    if (type === 'P') this.#prepared.set(first, second);
    if (type === 'B') this.#text = this.#prepared.get(second) ?? '';
    if (type === 'c') {
      this.#text = 'copy done';
      this.#copied += 1;
    }
    return type === 'Q' || type === 'S' || type === 'c';
  }

  #back(chunk: Buffer): void {
    if (!this.#cutAtAnswer) this.#client.write(chunk);
    for (const message of this.#fromDatabase.read(chunk)) {
      const type = String.fromCharCode(message[0] as number);
      // Ready for the next query, or for the rows of a further COPY than were sent: it is done.
      if (type === 'G') this.#ready += 1;
      if (this.#cutAtAnswer && (type === 'Z' || (type === 'G' && this.#ready > this.#copied))) this.cut();
    }
  }
}

/** The first two texts of a message. */
function textsOf(message: Buffer): string[] {
  return message.toString('utf8', 5).split('\0', 2);
}
