/** A small book for tests, written independently of the replay: entries as text, positions by hand, a log over them, signed. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import {
  apportion,
  canonical,
  checkpointBody,
  concatBytes,
  cosignatureMessage,
  DigestSum,
  type Entry,
  formatSignature,
  formatVerifierKey,
  GrowingTree,
  keyIdOf,
  type LogSource,
  leafHash,
  parseCheckpoint,
  promiseBody,
  proveInclusion,
  Replay,
  type Rotation,
  sha256,
  TileTree,
  tilePath,
  toBase64,
  toBase64Url,
  utf8,
  type VerifierKey,
  writeState,
} from '../src/index.ts';

type Without<T> = T extends unknown ? Omit<T, 'kind'> : never;
type Said<K extends Entry['kind']> = Without<Extract<Entry, { kind: K }>>;

interface Terms {
  index: number;
  from: number;
  accounts: number[];
  weights: number[];
  given: number;
}

interface Move {
  from: number;
  to: number;
  minor: number;
  toPos: number;
  declared: number;
}

/** A key of fixed seed, so that vectors stay the same. */
export class TestKey {
  readonly key: VerifierKey;
  readonly #private: ReturnType<typeof createPrivateKey>;

  constructor(name: string, algorithm: 1 | 4 = 1, seed = name) {
    const seedBytes = createHash('sha256').update(seed).digest();
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seedBytes]);
    this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(this.#private).export({ format: 'der', type: 'spki' }).subarray(-32);
    this.key = { name, algorithm, publicKey, keyId: keyIdOf(name, algorithm, publicKey) };
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  /** A signature line. @param time for a cosignature, in seconds since 1970 */
  sign(body: string, time?: number): string {
    const stamp = Buffer.alloc(time === undefined ? 0 : 8);
    if (time !== undefined) stamp.writeBigUInt64BE(BigInt(time));
    const message = time === undefined ? body : cosignatureMessage(time, body);
    return formatSignature(
      this.key.name,
      this.key.keyId,
      Buffer.concat([stamp, sign(null, Buffer.from(message), this.#private)]),
    );
  }
}

export const origin = 'example.org/log';
export const seal = toBase64Url(createHash('sha256').update('sealed').digest());

export class TestBook {
  readonly entries: string[] = [];
  logKey = new TestKey(origin);
  readonly witnessKey = new TestKey(`${origin}/witness`, 4);
  /** By account - 1: totals in and out. */
  readonly totals: { in: number; out: number }[] = [];
  readonly moves = new Map<string, Move>();
  readonly #terms = new Map<number, Terms>();

  constructor(purpose: 'live' | 'test' = 'live') {
    this.say('log.open', { book: 'main', format: 1, origin, purpose });
    this.say('log.tick', { time: '2026-11-18T08:00:00Z' });
  }

  /** Appends an entry; returns its index. */
  say<K extends Entry['kind']>(kind: K, members: Said<K>): number {
    return this.append(canonical({ kind, ...members }));
  }

  append(entry: string): number {
    return this.entries.push(entry) - 1;
  }

  account(asset: string, name: string, source = false): number {
    const account = this.totals.push({ in: 0, out: 0 });
    this.say('ledger.account', { account, asset, name, ...(source ? { source: true as const } : {}) });
    return account;
  }

  /** A source, a merchant and recipients with their accounts. */
  market(
    recipients: readonly string[],
    asset = 'CNY',
    merchant = publicId('m'),
  ): { from: number; to: number[]; merchant: string } {
    this.say('ledger.asset', { asset, scale: 2 });
    this.say('giving.source', { name: { en: 'Shop one', zh: '一号店' }, source: 'shop-1', zone: 'Asia/Shanghai' });
    this.say('giving.merchant', { merchant, name: { zh: '青竹书店' }, source: 'shop-1' });
    const from = this.account(asset, `giving/merchant/${merchant}`, true);
    const to = recipients.map((recipient) => {
      const names = { charity: { en: 'Clear Spring Fund' }, name: { en: `Project ${recipient[0]}` } };
      this.say('giving.recipient', { assets: [asset], recipient, type: 'project', ...names });
      return this.account(asset, `giving/promised/${merchant}/${recipient}`);
    });
    return { from, to, merchant };
  }

  terms(market: { from: number; to: number[]; merchant: string }, more: Partial<Said<'giving.terms'>> = {}): number {
    const recipients = more.recipients ?? market.to.map((account) => [account, 1] as const);
    const index = this.say('giving.terms', {
      asset: 'CNY',
      base: ['shipping', 'tax'],
      from: '2026-11-18T08:00:00Z',
      merchant: market.merchant,
      pledge: publicId('p'),
      rule: { basisPoints: 100 },
      version: 1,
      ...more,
      recipients,
    });
    const accounts = recipients.map(([account]) => account);
    this.#terms.set(index, {
      index,
      from: market.from,
      accounts,
      weights: recipients.map(([, weight]) => weight),
      given: 0,
    });
    return index;
  }

  gift(terms: number, minor: number, sealed = seal): number {
    const held = this.#terms.get(terms) as Terms;
    const before = split(held.given, held.weights);
    held.given += minor;
    const parts = split(held.given, held.weights).map((part, i) => part - (before[i] as number));
    const index = this.entries.length;
    const move = parts.flatMap((part, i) => (part > 0 ? [[held.from, held.accounts[i] as number, part] as const] : []));
    return this.say('giving.gift', {
      move: move.map(([from, to, part], i) => {
        const positions = this.#shift(from, to, part);
        this.moves.set(`${index}.${i}`, { from, to, minor: part, toPos: positions[1], declared: 0 });
        return [from, to, part, ...positions] as const;
      }),
      seal: sealed,
      terms,
    });
  }

  /** Takes `minor` back of a gift and settles it at once. */
  return(gift: number, minor: number): number {
    const moves: Move[] = [];
    for (let part = 0; this.moves.has(`${gift}.${part}`); part++) moves.push(this.moves.get(`${gift}.${part}`) as Move);
    const before = moves.reduce((sum, move) => sum + move.declared, 0);
    const parts = split(
      before + minor,
      moves.map((move) => move.minor),
    );
    const declare: [number, number, number][] = [];
    const back: [number, number, number, number, number, number, number, number][] = [];
    for (const [i, move] of moves.entries()) {
      const part = (parts[i] as number) - move.declared;
      if (part === 0) continue;
      move.declared += part;
      declare.push([gift, i, part]);
      back.push([
        move.to,
        move.from,
        part,
        ...this.#shift(move.to, move.from, part),
        gift,
        i,
        move.toPos + move.minor - move.declared,
      ]);
    }
    return this.say('giving.return', { back, declare, gift, seal });
  }

  /** Says the first tick of a month, and closes the books before it. Returns the state as a file, and the entry it is at. */
  close(time: string): { at: number; state: Uint8Array } {
    const at = this.say('log.tick', { time });
    let closed: ReturnType<typeof writeState> | undefined;
    const replay = new Replay({ onMonthEnd: (_at, before) => (closed = writeState(before)) });
    for (const [index, entry] of this.entries.entries()) replay.apply(index, utf8(entry));
    if (!closed) throw new Error(`no month ends before ${time}`);
    const { blocks, sum } = closed;
    this.say('ledger.close', { at, lines: sum.lines, root: toBase64Url(sum.root) });
    return { at, state: concatBytes(...blocks) };
  }

  digest(indices: readonly number[]): string {
    const sum = new DigestSum();
    for (const index of indices) sum.add(leafHash(utf8(this.entries[index] as string)));
    return sum.text();
  }

  /** The log's files at a size, by path, with a checkpoint signed by both keys. */
  files(size = this.entries.length, time = 1_795_000_000): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    const tree = new GrowingTree((level, n, hashes) =>
      files.set(tilePath(level, n, hashes.length / 32), new Uint8Array(hashes)),
    );
    for (let n = 0; n * 256 < size; n++) {
      const entries = this.entries.slice(n * 256, Math.min(size, (n + 1) * 256)).map(utf8);
      files.set(tilePath('entries', n, entries.length), bundle(entries));
      tree.append(Buffer.concat(entries.map(leafHash)));
    }
    const body = checkpointBody(origin, size, tree.close());
    files.set('checkpoint', utf8(this.signed(body, time)));
    files.set('vkey', utf8(`${this.logKey.vkey}\n${this.witnessKey.vkey}\n`));
    return files;
  }

  /** Announces `next`, which signs from then on, and says that the key before is retired. Returns how it is proved. */
  async rotate(next: TestKey, said?: Said<'log.key'>): Promise<Rotation> {
    const entry = canonical({ kind: 'log.key', ...(said ?? { key: next.vkey, role: 'log', state: 'active' }) });
    const index = this.append(entry);
    const checkpoint = new TextDecoder().decode(this.files().get('checkpoint'));
    const path = await this.#path(index);
    const old = this.logKey;
    this.logKey = next;
    this.say('log.key', { key: old.vkey, role: 'log', state: 'retired' });
    return { checkpoint, entry, index, path };
  }

  /** Inclusion of an entry in the tree as it is now. */
  async #path(index: number): Promise<string[]> {
    const files = this.files();
    const { size, root } = parseCheckpoint(new TextDecoder().decode(files.get('checkpoint')));
    const tree = new TileTree(sourceOf(files), size, root);
    return (await proveInclusion(index, size, (height, n) => tree.hash(height, n))).map(toBase64);
  }

  /** A `.tlog-proof` of a gift. @param opening for its holder @param more what else the file brings along */
  async proof(
    index: number,
    related: readonly number[],
    opening?: { salt: string; text: string },
    more: { keys?: string; rotations?: readonly Rotation[] } = {},
  ): Promise<string> {
    const note = new TextDecoder().decode(this.files().get('checkpoint'));
    const proved = related.map(async (at) => ({ entry: this.entries[at], index: at, path: await this.#path(at) }));
    const extra = {
      entry: this.entries[index],
      format: 1,
      related: await Promise.all(proved),
      says: { en: 'A gift.', zh: '一笔捐赠。' },
      ...(opening ? { opening } : {}),
      ...more,
    };
    const path = (await this.#path(index)).map((hash) => `${hash}\n`).join('');
    return `c2sp.org/tlog-proof@v1\nextra ${toBase64(utf8(JSON.stringify(extra)))}\nindex ${index}\n${path}\n${note}`;
  }

  /** A signed promise of entries first … last. */
  promise(first: number, last: number, by: string): string {
    const leaves = this.entries.slice(first, last + 1).map((entry) => leafHash(utf8(entry)));
    return this.signed(promiseBody({ origin, first, last, by, hash: sha256(concatBytes(...leaves)) }));
  }

  /** As `/log/vkeys` has them. */
  get vkeys(): string {
    return `${this.logKey.vkey}\n${this.witnessKey.vkey}\n`;
  }

  signed(body: string, time?: number): string {
    return `${body}\n${this.logKey.sign(body)}${time === undefined ? '' : this.witnessKey.sign(body, time)}`;
  }

  #shift(from: number, to: number, minor: number): [number, number] {
    const source = this.totals[from - 1] as { in: number; out: number };
    const target = this.totals[to - 1] as { in: number; out: number };
    const positions: [number, number] = [source.out, target.in];
    source.out += minor;
    target.in += minor;
    return positions;
  }
}

/** A public id that begins with `mark`. */
export function publicId(mark: string): string {
  return mark.padEnd(16, '0');
}

export function sourceOf(files: ReadonlyMap<string, Uint8Array>): LogSource {
  return { name: 'memory', read: async (path) => files.get(path) ?? null };
}

function bundle(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), entry]));
}

function split(total: number, weights: readonly number[]): number[] {
  return apportion(BigInt(total), weights.map(BigInt)).map(Number);
}
