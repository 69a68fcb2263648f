/** The keys of a book: loaded, made at its first start, and exchanged. What rotation means for verifiers: docs/formats/proofs.md. */
import { link, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  canonical,
  parseRotations,
  parseVerifierKey,
  type Rotation,
  toBase64,
  type VerifierKey,
} from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import { Fault } from '#base/fault';
import type { BookRow } from '../head-store.ts';
import { readState } from '../integration/integration-store.ts';
import type { LogFiles } from '../log-files.ts';
import type { ProvedEntries, ProvedEntry } from '../prove.ts';
import { keyPaths, newKeyText, readKeyFile, syncFolder, writeKeyFile } from './key-file.ts';
import { readKeyStates } from './key-store.ts';
import type { LogKeys } from './sign.ts';

export interface LoadedKeys {
  readonly keys: LogKeys;
  /** Keys that signed before. */
  readonly retired: readonly VerifierKey[];
  /** How each key that signed followed the one before, proved under that one; oldest first. docs/formats/proofs.md. */
  readonly rotations: readonly Rotation[];
}

/** @throws Fault `key_missing`, `key_permissions`, `bad_key` */
export async function loadLogKeys(
  secrets: string,
  { book, origin }: Pick<BookRow, 'book' | 'origin'>,
): Promise<LoadedKeys> {
  const paths = keyPaths(secrets, book);
  const [log, witness] = [await readKeyFile(paths.log), await readKeyFile(paths.witness)];
  if (log.verifier.name !== origin || log.verifier.algorithm !== 1) throw wrongKey(paths.log, origin);
  if (witness.verifier.algorithm !== 4) throw wrongKey(paths.witness, `${origin}/witness`);
  const retired = (await readRetired(secrets, book)).map(parseVerifierKey);
  return { keys: { log, witness }, retired, rotations: parseRotations(await readRotations(secrets, book)) };
}

/**
 * Makes both keys at the first start of a book.
 * @throws Fault `key_missing` when the book has signed before: a new key would make it a stranger's log
 */
export async function ensureLogKeys(
  client: ClientBase,
  secrets: string,
  row: BookRow,
  files: Pick<LogFiles, 'published' | 'guard'>,
): Promise<LoadedKeys> {
  const paths = keyPaths(secrets, row.book);
  for (const [path, name, algorithm] of [
    [paths.log, row.origin, 1],
    [paths.witness, `${row.origin}/witness`, 4],
  ] as const) {
    if (await exists(path)) continue;
    const signed = (await readState(client, row.bookId))?.signed ?? (await files.guard()) ?? (await files.published());
    if (signed !== null) {
      throw new Fault(
        'key_missing',
        `${path} is gone, and book ${row.book} has signed with it: bring it back from a backup`,
      );
    }
    await writeKeyFile(path, newKeyText(name, algorithm)).catch((error: unknown) => {
      // Another process was faster: its key stands.
      if (!(error instanceof Fault && error.code === 'key_exists')) throw error;
    });
  }
  return await loadLogKeys(secrets, row);
}

/**
 * `rivulet log-key new`: makes the key that the next start will announce and then sign with.
 * @returns its verifier key
 * @throws Fault `key_exists` when one is waiting already
 */
export async function newLogKey(secrets: string, book: string): Promise<string> {
  const paths = keyPaths(secrets, book);
  const { verifier } = await readKeyFile(paths.log);
  await writeKeyFile(paths.nextLog, newKeyText(verifier.name, 1));
  return (await readKeyFile(paths.nextLog)).vkey;
}

export interface KeyExchange {
  readonly secrets: string;
  readonly row: BookRow;
  readonly client: ClientBase;
  /** Appends an entry through the book's writer, with `addKey` in the same transaction. Returns its index. */
  append(entry: string, key: KeyEntry): Promise<number>;
  /** Resolves once a published checkpoint covers `size` entries. */
  published(size: number): Promise<void>;
  /** The entry, proved in the newest published checkpoint. */
  prove(index: number): Promise<ProvedEntries>;
  /** Makes everything that signs read its keys again. */
  reload(): Promise<void>;
}

export interface KeyEntry {
  readonly vkey: string;
  readonly role: 'log' | 'witness';
  readonly state: 'active' | 'retired';
}

/**
 * Carries out a rotation that `newLogKey` began, from wherever the last attempt stopped; does nothing when none waits. The new key is announced
 * under the old one's signature before it signs anything, and the proof of that is kept: nobody could make it afterwards.
 * @returns whether the key was exchanged
 */
export async function rotateLogKey(exchange: KeyExchange): Promise<boolean> {
  const { secrets, row } = exchange;
  const paths = keyPaths(secrets, row.book);
  const waits = await exists(paths.nextLog);
  if (waits) {
    const [old, next] = [await readKeyFile(paths.log), await readKeyFile(paths.nextLog)];
    if (next.verifier.name !== row.origin || next.verifier.algorithm !== 1) throw wrongKey(paths.nextLog, row.origin);
    // A crash anywhere up to the exchange repeats only what is not in the log yet.
    const index = await say(exchange, { vkey: next.vkey, role: 'log', state: 'active' });
    await exchange.published(index + 1);
    // A crash here leaves the old key in force; the next attempt proves it again, under the same key.
    await keepRotation(secrets, row.book, await proofOf(exchange, index));
    await exchangeFiles(secrets, row.book, old.vkey, old.verifier.keyId);
    await exchange.reload();
  }
  const current = (await readKeyFile(paths.log)).vkey;
  for (const vkey of await readRetired(secrets, row.book)) {
    if (vkey !== current) await say(exchange, { vkey, role: 'log', state: 'retired' });
  }
  return waits;
}

/** The index of the entry that says this of the key, appended if the log does not say it yet. */
async function say(exchange: KeyExchange, key: KeyEntry): Promise<number> {
  const said = (await readKeyStates(exchange.client, exchange.row.bookId)).find(
    (known) => known.vkey === key.vkey && known.state === key.state,
  );
  if (said !== undefined) return said.index;
  const entry = canonical({ kind: 'log.key', key: key.vkey, role: key.role, state: key.state });
  return await exchange.append(entry, key);
}

async function proofOf(exchange: KeyExchange, index: number): Promise<Rotation> {
  const { checkpoint, entries } = await exchange.prove(index);
  const { entry, path } = entries[0] as ProvedEntry;
  return { checkpoint, entry, index, path: path.map(toBase64) };
}

/** Durable on return. The same announcement is kept once. */
async function keepRotation(secrets: string, book: string, rotation: Rotation): Promise<void> {
  const before = parseRotations(await readRotations(secrets, book)).filter(({ index }) => index !== rotation.index);
  const path = rotationsPath(secrets, book);
  const text = [...before, rotation].map((one) => `${JSON.stringify(one)}\n`).join('');
  await writeFile(`${path}.tmp`, text, { mode: 0o600, flush: true });
  await rename(`${path}.tmp`, path);
  await syncFolder(secrets);
}

async function exchangeFiles(secrets: string, book: string, oldVkey: string, oldId: number): Promise<void> {
  const paths = keyPaths(secrets, book);
  const retired = await readRetired(secrets, book);
  if (!retired.includes(oldVkey)) {
    const draft = `${retiredPath(secrets, book)}.tmp`;
    await writeFile(draft, `${[...retired, oldVkey].join('\n')}\n`, { mode: 0o600, flush: true });
    await rename(draft, retiredPath(secrets, book));
  }
  // A crash here leaves the old key in force, listed as retired too: the next attempt goes on.
  const kept = join(secrets, `log-${book}.${oldId.toString(16).padStart(8, '0')}.retired.key`);
  await link(paths.log, kept).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rename(paths.nextLog, paths.log);
  await syncFolder(dirname(paths.log));
}

async function readRetired(secrets: string, book: string): Promise<string[]> {
  if (!(await exists(retiredPath(secrets, book)))) return [];
  return (await readFile(retiredPath(secrets, book), 'utf8')).split('\n').filter((line) => line !== '');
}

function retiredPath(secrets: string, book: string): string {
  return join(secrets, `log-${book}.retired.vkeys`);
}

async function readRotations(secrets: string, book: string): Promise<string> {
  const path = rotationsPath(secrets, book);
  return (await exists(path)) ? await readFile(path, 'utf8') : '';
}

/** Nothing secret; beside the keys because it must live as long as they. */
function rotationsPath(secrets: string, book: string): string {
  return join(secrets, `log-${book}.rotations`);
}

async function exists(path: string): Promise<boolean> {
  return await readFile(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

function wrongKey(path: string, name: string): Fault {
  return new Fault('bad_key', `${path} is not the key of ${name}`);
}
