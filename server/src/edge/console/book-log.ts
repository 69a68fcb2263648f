/** A book's log in this process: follows the committed batches, signs, proves. */

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type LogSource,
  openBundle,
  parseCheckpoint,
  proveInclusion,
  readBundle,
  TileTree,
  tileWidth,
} from '@rivulet/verifier';
import { Fault } from '#base/fault';
import {
  type BookRow,
  IntegrationLoop,
  type IntegrationState,
  Integrator,
  newKeyText,
  readKeyFile,
  signNote,
} from '#books/log';
import type { LogView } from '#domains/giving';
import type { Database } from '#edge/postgres';
import { placesOf, TileFolder } from '#edge/tiles';
import type { Telemetry } from './telemetry.ts';

export interface BookLog extends LogView {
  start(): void;
  committed(next: number): void;
  pressure(): Fault | null;
  state(): IntegrationState;
  stop(): Promise<void>;
}

interface Options {
  book: BookRow;
  database: Database;
  dataFolder: string;
  telemetry: Telemetry;
}

export async function openBookLog({ book, database, dataFolder, telemetry }: Options): Promise<BookLog> {
  const secrets = join(dataFolder, 'secrets');
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  const key = async (path: string, name: string, algorithm: 1 | 4) => {
    if ((await stat(path).catch(() => null)) === null)
      await writeFile(path, newKeyText(name, algorithm), { mode: 0o600, flag: 'wx' });
    return readKeyFile(path);
  };
  const keys = {
    log: await key(join(secrets, `log-${book.book}.key`), book.origin, 1),
    witness: await key(join(secrets, `witness-${book.book}.key`), `${book.origin}/witness`, 4),
  };
  const { folder, guardPath } = placesOf(dataFolder, book.book);
  const files = new TileFolder(folder, guardPath);
  const integrator = new Integrator({ book, keys, files, connect: () => database.connect(`rivulet log ${book.book}`) });
  let published: { size: number; note: string } | null = null;
  const loop = new IntegrationLoop({
    integrator,
    onPublished: (checkpoint) => {
      published = checkpoint;
    },
    onState: (state) => telemetry.info({ book: book.book, ...state }, 'log'),
  });
  const source: LogSource = { name: folder, read: (path) => files.read(path) };
  return {
    start: () => loop.start(),
    committed: () => loop.wake(),
    pressure: () => (loop.state.condition === 'stopped' ? new Fault('log_stopped', 'the log has stopped') : null),
    state: () => loop.state,
    stop: () => loop.stop(),
    published: () => published,
    sign: (body) => signNote(body, keys.log),
    async prove(indices) {
      if (published === null) throw new Fault('not_published', 'nothing is published');
      const { size, note } = published;
      const tree = new TileTree(source, size, parseCheckpoint(note).root);
      const entries = [];
      for (const index of indices) {
        const n = Math.floor(index / tileWidth);
        const bundle = await readBundle(source, n, Math.min(tileWidth, size - n * tileWidth));
        const entry = Buffer.from(bundle.entries[index % tileWidth] ?? new Uint8Array()).toString();
        entries.push({ index, entry, path: await proveInclusion(index, size, (h, at) => tree.hash(h, at)) });
      }
      return { size, checkpoint: note, entries };
    },
  };
}
