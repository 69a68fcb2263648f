/** A book's tile store on disk, laid out as it is served, and its guard file. */
import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Fault } from '#base/fault';
import { type FaultPoints, type LogFiles, LogStopped, type NewFile, noFaults } from '#books/log';
import { createDurably, makeFolder, readText, replaceDurably, sweepDrafts } from './durable-files.ts';

/** Where a book's files are below the data folder: `log/<book>/` and `guard/<book>.checkpoint`. */
export function placesOf(dataFolder: string, book: string): { folder: string; guardPath: string } {
  return { folder: join(dataFolder, 'log', book), guardPath: join(dataFolder, 'guard', `${book}.checkpoint`) };
}

export class TileFolder implements LogFiles {
  readonly place: string;
  readonly checkpointPath: string;
  readonly guardPath: string;
  readonly #drafts: string;
  readonly #faults: FaultPoints;
  /** So that two stores on one folder never share a draft. */
  readonly #own = randomBytes(6).toString('hex');
  #prepared = false;
  #guardPrepared = false;

  /** @param folder the tile store; it and the guard's folder are made at the first write */
  constructor(folder: string, guardPath: string, faults: FaultPoints = noFaults) {
    this.place = folder;
    this.checkpointPath = join(folder, 'checkpoint');
    this.guardPath = guardPath;
    this.#drafts = join(folder, '.drafts');
    this.#faults = faults;
  }

  async read(path: string): Promise<Uint8Array | null> {
    try {
      return await readFile(join(this.place, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw unreadable(error, join(this.place, path));
    }
  }

  async create(files: readonly NewFile[]): Promise<void> {
    if (files.length === 0) return;
    await writing(this.place, async () => {
      await this.#prepare();
      const own = join(this.#drafts, `${this.#own}-`);
      await createDurably(this.place, own, files, this.#faults);
    }).catch((error: unknown) => {
      this.#prepared = false;
      throw error;
    });
  }

  async *paths(): AsyncIterable<string> {
    const waiting = ['tile'];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const found of await listFolder(join(this.place, folder))) {
        const path = `${folder}/${found.name}`;
        if (found.isDirectory()) waiting.push(path);
        else yield path;
      }
    }
  }

  async published(): Promise<string | null> {
    return await reading(this.checkpointPath);
  }

  async publish(note: string): Promise<void> {
    await writing(this.checkpointPath, async () => {
      await this.#prepare();
      await replaceDurably(this.checkpointPath, note, this.#drafts);
    });
  }

  async guard(): Promise<string | null> {
    return await reading(this.guardPath);
  }

  async writeGuard(note: string): Promise<void> {
    await writing(this.guardPath, async () => {
      const folder = dirname(this.guardPath);
      if (!this.#guardPrepared) {
        await makeFolder(dirname(folder), basename(folder));
        sweepDrafts(folder);
        this.#guardPrepared = true;
      }
      await replaceDurably(this.guardPath, note);
    });
  }

  async #prepare(): Promise<void> {
    if (this.#prepared) return;
    await makeFolder(this.place, '.drafts');
    sweepDrafts(this.#drafts);
    this.#prepared = true;
  }
}

async function listFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(error, path);
  }
}

async function reading(path: string): Promise<string | null> {
  try {
    return await readText(path);
  } catch (error) {
    throw unreadable(error, path);
  }
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw error instanceof LogStopped || error instanceof Fault ? error : unwritable(error, path);
  }
}

function unreadable(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error;
  return new Fault('tile_store_unreadable', `${path} cannot be read: ${code}`, { cause: error, retryAfterSeconds: 5 });
}

function unwritable(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const reason = full ? 'tile_store_full' : 'tile_store_unwritable';
  return new Fault(reason, `${path} cannot be written: ${code}`, { cause: error, retryAfterSeconds: 5 });
}
