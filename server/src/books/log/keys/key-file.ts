/**
 * Signing keys of a log as text files, `PRIVATE+KEY+<name>+<id>+<base64 of algorithm and seed>`, as Go's sumdb/note writes them; algorithm 0x01
 * for the log, 0x04 for its witness. Files are 0600 in a folder of 0700, or they are refused. docs/operating/log-keys.md is for people.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  formatVerifierKey,
  fromBase64,
  type KeyAlgorithm,
  keyIdOf,
  toBase64,
  type VerifierKey,
} from '@rivulet/verifier';
import { Fault } from '#base/fault';

export interface SigningKey {
  readonly verifier: VerifierKey;
  /** The verifier key as text, a line of `/log/vkeys`. */
  readonly vkey: string;
  readonly privateKey: KeyObject;
}

const pkcs8Ed25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const namePattern = /^[^\s+\u0085]{1,200}$/;

/** Text of a new key. @param name the log's origin, or `<origin>/witness` @param random injected so that tests repeat */
export function newKeyText(
  name: string,
  algorithm: KeyAlgorithm,
  random: (size: number) => Uint8Array = randomBytes,
): string {
  if (!namePattern.test(name)) throw new RangeError(`${name} cannot name a key`);
  const seed = random(32);
  const id = idText(keyIdOf(name, algorithm, publicKeyOf(privateKeyOf(seed))));
  return `PRIVATE+KEY+${name}+${id}+${toBase64(Uint8Array.of(algorithm, ...seed))}\n`;
}

/** @throws Fault `bad_key` when the text is no key or does not fit its own id */
export function parseKeyText(text: string): SigningKey {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(text) ?? [];
  const bytes = encoded === undefined ? null : decode(encoded);
  const algorithm = bytes?.[0];
  if (name === undefined || bytes?.length !== 33 || (algorithm !== 1 && algorithm !== 4)) {
    throw new Fault('bad_key', 'not an Ed25519 signing key');
  }
  const privateKey = privateKeyOf(bytes.subarray(1));
  const publicKey = publicKeyOf(privateKey);
  const verifier: VerifierKey = { name, keyId: keyIdOf(name, algorithm, publicKey), algorithm, publicKey };
  if (idText(verifier.keyId) !== id) throw new Fault('bad_key', `the key of ${name} does not fit its own id`);
  return { verifier, vkey: formatVerifierKey(verifier), privateKey };
}

/** @throws Fault `bad_key`, `key_missing`, or `key_permissions` when anybody but the owner may read the file or enter its folder */
export async function readKeyFile(path: string): Promise<SigningKey> {
  let text: string;
  try {
    await refuseLoose(dirname(path), 'chmod 700');
    await refuseLoose(path, 'chmod 600');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('key_missing', `cannot read the key ${path}: ${String(error)}`, { cause: error });
  }
  return parseKeyText(text);
}

/**
 * Writes a new key, never over another. Durable when it returns.
 * @throws Fault `key_exists`
 */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  await ensureSecretsFolder(dirname(path));
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    // A crash up to here leaves a draft that nobody reads; after it, the whole key.
    await link(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Fault('key_exists', `${path} exists already`);
    throw error;
  } finally {
    await file.close();
    await unlink(draft).catch(() => {});
  }
}

/** The folder for keys, 0700. An existing looser one is refused, not mended: whoever could read it may have. */
export async function ensureSecretsFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await chmod(folder, 0o700);
  await refuseLoose(folder, 'chmod 700');
}

/** Where a book's keys are. */
export function keyPaths(secrets: string, book: string): { log: string; nextLog: string; witness: string } {
  return {
    log: join(secrets, `log-${book}.key`),
    nextLog: join(secrets, `log-${book}.next.key`),
    witness: join(secrets, `witness-${book}.key`),
  };
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

async function refuseLoose(path: string, remedy: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new Fault(
      'key_permissions',
      `${path} has mode ${octal}: others may read it. Renew the key, or ${remedy} it.`,
    );
  }
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Ed25519, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

function idText(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}

function decode(text: string): Uint8Array | null {
  try {
    return fromBase64(text);
  } catch {
    return null;
  }
}
