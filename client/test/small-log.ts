/** A log of our own making for tests: leaves in memory, served over HTTP as tlog-tiles, able to lie. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  canonical,
  checkpointBody,
  concatBytes,
  cosignatureMessage,
  emptyRoot,
  formatSignature,
  formatVerifierKey,
  keyIdOf,
  leafHash,
  nodeHash,
  parseTilePath,
  type Rotation,
  sha256,
  toBase64,
  utf8,
} from '@rivulet/verifier';

/** Ed25519 from a 32-byte seed: RFC 8410's wrapping around it. */
const privateKey = (seed: Uint8Array) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
const publicKeyOf = (seed: Uint8Array) =>
  new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32));
const signed = (message: string, seed: Uint8Array) => new Uint8Array(sign(null, utf8(message), privateKey(seed)));

export class SmallLog {
  readonly origin = 'rivulet.example/log';
  #log: Uint8Array;
  readonly #witness: Uint8Array;
  leaves: Uint8Array[] = [];
  readonly rotations: Rotation[] = [];

  /** @param seed of the keys: logs of one seed are signed alike. */
  constructor(seed = 1) {
    this.#log = new Uint8Array(32).fill(seed);
    this.#witness = new Uint8Array(32).fill(seed + 100);
  }

  append(...entries: string[]): void {
    for (const entry of entries) this.leaves.push(leafHash(utf8(entry)));
  }

  /** Announces the key of another seed, which signs from then on, and keeps how the log proves it. */
  rotate(seed: number): void {
    const next = new SmallLog(seed);
    const [key = ''] = next.keys.split('\n');
    const entry = canonical({ key, kind: 'log.key', role: 'log', state: 'active' });
    const index = this.leaves.length;
    this.append(entry);
    const size = this.leaves.length;
    const path = pathTo(index, 0, size, (start, end) => this.root(start, end)).map(toBase64);
    this.rotations.push({ checkpoint: this.checkpoint(800, size), entry, index, path });
    this.#log = next.#log;
  }

  get keys(): string {
    const key = (name: string, algorithm: 1 | 4, secret: Uint8Array) => {
      const publicKey = publicKeyOf(secret);
      return formatVerifierKey({ name, algorithm, publicKey, keyId: keyIdOf(name, algorithm, publicKey) });
    };
    return `${key(this.origin, 1, this.#log)}\n${key(`${this.origin}/witness`, 4, this.#witness)}\n`;
  }

  root(start: number, end: number): Uint8Array {
    if (end === start) return emptyRoot();
    if (end - start === 1) return this.leaves[start] as Uint8Array;
    let half = 1;
    while (half * 2 < end - start) half *= 2;
    return nodeHash(this.root(start, start + half), this.root(start + half, end));
  }

  /** @param time of the cosignature, seconds since 1970 */
  checkpoint(time: number, size = this.leaves.length): string {
    const body = checkpointBody(this.origin, size, this.root(0, size));
    const seal = signed(cosignatureMessage(time, body), this.#witness);
    const stamp = new Uint8Array(8);
    new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
    const name = `${this.origin}/witness`;
    const id = keyIdOf(name, 4, publicKeyOf(this.#witness));
    return `${body}\n${this.#sign(body)}${formatSignature(name, id, concatBytes(stamp, seal))}`;
  }

  promise(first: number, last: number, by: string): string {
    const hash = toBase64(sha256(concatBytes(...this.leaves.slice(first, last + 1))));
    const body = `rivulet-promise/v1\n${this.origin}\n${first} ${last}\n${hash}\n${by}\n`;
    return `${body}\n${this.#sign(body)}`;
  }

  #sign(body: string): string {
    const id = keyIdOf(this.origin, 1, publicKeyOf(this.#log));
    return formatSignature(this.origin, id, signed(body, this.#log));
  }

  tile(path: string): Uint8Array | null {
    const name = parseTilePath(path);
    if (name === null || name.level === 'entries') return null;
    const under = 256 ** name.level;
    const first = name.n * 256;
    if ((first + name.width) * under > this.leaves.length) return null;
    return concatBytes(
      ...Array.from({ length: name.width }, (_, i) => this.root((first + i) * under, (first + i + 1) * under)),
    );
  }

  #answer(path: string, checkpoint: () => string): string | Uint8Array | null {
    if (path === 'vkeys') return this.keys;
    if (path === 'checkpoint') return checkpoint();
    if (path !== 'rotations') return this.tile(path);
    return this.rotations.map((rotation) => `${JSON.stringify(rotation)}\n`).join('') || null;
  }

  /** Serves the book `main` on a free port; the caller closes it. */
  async serve(checkpoint: () => string): Promise<{ server: Server; url: string }> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace('/books/main/log/', '');
      const answer = this.#answer(path, checkpoint);
      response.writeHead(answer === null ? 404 : 200).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
}

/** Inclusion proof of leaf `index` in [start, end), from its sibling up. */
function pathTo(
  index: number,
  start: number,
  end: number,
  root: (start: number, end: number) => Uint8Array,
): Uint8Array[] {
  if (end - start === 1) return [];
  let half = 1;
  while (half * 2 < end - start) half *= 2;
  const middle = start + half;
  return index < middle
    ? [...pathTo(index, start, middle, root), root(middle, end)]
    : [...pathTo(index, middle, end, root), root(start, middle)];
}
