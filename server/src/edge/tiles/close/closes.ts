/**
 * The closes of a book's log and their states, as files in its tile store. All of it can be made again from the log: a state that is lost is
 * written anew by the next search, which then begins at the close before it, or at entry 0.
 */
import { createReadStream } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import {
  closesPath,
  parseCheckpoint,
  parseEntry,
  readBundle,
  readText,
  type StateAccount,
  tileWidth,
} from '@rivulet/verifier';
import { folderSource } from '@rivulet/verifier/node';
import { replaceDurably, syncFolder } from '../durable-files.ts';
import {
  type CloseWorkerAnswer,
  type CloseWorkerSettings,
  closeFolder,
  draftPath,
  finalPath,
  type MonthEnd,
} from './close-files.ts';

export interface FoundEnds {
  /** Not closed in the log yet, in order; the state of each is a draft. */
  readonly open: readonly MonthEnd[];
  /** Closed in the log; states that were not here any more are again. */
  readonly closed: readonly number[];
}

export class Closes {
  readonly #folder: string;
  #worker: Worker | null = null;

  /** @param folder the tile store */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `at` of each close whose state is here, in order. */
  async list(): Promise<number[]> {
    const names = await readdir(join(this.#folder, closeFolder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const numbers = names.filter((name) => /^(0|[1-9]\d{0,15})$/.test(name)).map(Number);
    return numbers.sort((a, b) => a - b);
  }

  /** The month that the last close began, `2026-12`; before the first, the one in which the book was opened. @throws when the log has no tick yet */
  async month(): Promise<string> {
    const index = (await this.list()).at(-1) ?? 1;
    const source = folderSource(this.#folder);
    const { size } = parseCheckpoint(await readText(source, 'checkpoint'));
    const { entries } = await readBundle({ ...source, size }, Math.floor(index / tileWidth), (index % tileWidth) + 1);
    const tick = parseEntry(entries[index % tileWidth] as Uint8Array);
    if (tick.kind !== 'log.tick') throw new TypeError(`entry ${index} is no tick`);
    return tick.time.slice(0, 7);
  }

  /**
   * Replays the log, in a thread, from the last close to the published checkpoint.
   * @throws Failure when the log breaks a rule or does not say what its own last close did
   */
  async find(): Promise<FoundEnds> {
    const from = (await this.list()).at(-1) ?? null;
    const { ends, closed } = await this.#inThread({ folder: this.#folder, from });
    const said = new Set(closed);
    for (const { at } of ends) if (said.has(at)) await this.keep(at);
    return { open: ends.filter(({ at }) => !said.has(at)), closed };
  }

  /** Accounts of a draft, some thousand at a time, by number. */
  async *accounts(at: number, atOnce: number): AsyncGenerator<StateAccount[]> {
    let some: StateAccount[] = [];
    for await (const line of createInterface({ input: createReadStream(draftPath(this.#folder, at)) })) {
      if (!line.includes('"kind":"state.account"')) continue;
      some.push(JSON.parse(line) as StateAccount);
      if (some.length < atOnce) continue;
      yield some;
      some = [];
    }
    if (some.length > 0) yield some;
  }

  /** The state of a close that is in the log, for everybody; durable on return. */
  async keep(at: number): Promise<void> {
    // A crash here, after the entry was committed, leaves the draft: the next search finds the close in the log and keeps the state then.
    await rename(draftPath(this.#folder, at), finalPath(this.#folder, at));
    await syncFolder(join(this.#folder, closeFolder));
    const list = (await this.list()).map((one) => `${one}\n`).join('');
    await replaceDurably(join(this.#folder, closesPath), list);
  }

  /** Ends a search that is under way; it then fails. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #inThread(workerData: CloseWorkerSettings): Promise<CloseWorkerAnswer> {
    const worker = new Worker(new URL('./close-worker.ts', import.meta.url), { workerData });
    this.#worker = worker;
    try {
      return await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the thread that closes the books ended')));
      });
    } finally {
      this.#worker = null;
    }
  }
}
