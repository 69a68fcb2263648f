/** The thread that integrates one book. Started by book-log.ts; speaks in plain messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { parseCheckpoint, parseNote, verifyNote } from '@rivulet/verifier';
import pg from 'pg';
import {
  type BookRow,
  IntegrationLoop,
  type IntegrationState,
  Integrator,
  type LoadedKeys,
  loadLogKeys,
} from '#books/log';
import { sweepPartials } from './sweep-partials.ts';
import { placesOf, TileFolder } from './tile-folder.ts';

export interface WorkerSettings {
  readonly book: BookRow;
  readonly dataFolder: string;
  readonly secrets: string;
  /** Plain data: it crosses threads. */
  readonly address: pg.ClientConfig;
  readonly minIntervalMs?: number;
  readonly renewMs?: number;
  readonly keepBatchesMs?: number;
}

export type ToWorker =
  | { readonly say: 'wake' | 'reload' | 'stop' }
  /** A batch was committed; `entries` in bundle framing, a copy that is the worker's own. */
  | {
      readonly say: 'committed';
      readonly first: number;
      readonly next: number;
      readonly acceptedAt: Date;
      readonly entries: Uint8Array;
    };
export type FromWorker =
  | { readonly say: 'published'; readonly size: number; readonly note: string }
  | { readonly say: 'state'; readonly state: IntegrationState }
  | { readonly say: 'reloaded' | 'stopped' };

const sweepEveryMs = 60_000;
const settings = workerData as WorkerSettings;
const { folder, guardPath } = placesOf(settings.dataFolder, settings.book.book);
const files = new TileFolder(folder, guardPath);
let integrator: Integrator | null = null;
let loop = await makeLoop();
loop.start();

const sweeping = setInterval(() => {
  // A sweep that fails is tried again in a minute; nothing depends on it.
  if (loop.state.condition === 'following') sweepPartials(folder, loop.state.size, Date.now()).catch(() => {});
}, sweepEveryMs);

parentPort?.on('message', async (message: ToWorker) => {
  const { say } = message;
  if (say === 'committed') {
    const { first, next, acceptedAt, entries } = message;
    integrator?.hand({ first, next, acceptedAt, entries: Buffer.from(entries.buffer) });
    loop.wake();
  } else if (say === 'wake') loop.wake();
  else if (say === 'reload') {
    await loop.stop();
    loop = await makeLoop();
    loop.start();
    tell({ say: 'reloaded' });
  } else {
    clearInterval(sweeping);
    await loop.stop();
    tell({ say: 'stopped' });
    parentPort?.close();
  }
});

async function makeLoop(): Promise<IntegrationLoop> {
  const { book, secrets, address, minIntervalMs, renewMs, keepBatchesMs } = settings;
  const loaded = await loadLogKeys(secrets, book);
  const made = new Integrator({
    book,
    ...loaded,
    files,
    ...(renewMs === undefined ? {} : { renewMs }),
    ...(keepBatchesMs === undefined ? {} : { keepBatchesMs }),
    async connect() {
      const client = new pg.Client({ ...address, application_name: `rivulet log ${book.book}` });
      await client.connect();
      return client;
    },
  });
  integrator = made;
  return new IntegrationLoop({
    integrator: made,
    ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
    onPublished: ({ size, note }) => tell({ say: 'published', size, note }),
    onState: (state) => tell({ say: 'state', state }),
    async readPublished() {
      const note = await files.published();
      return note === null ? null : { size: parseCheckpoint(note).size, note, signedAt: signedAtOf(note, loaded) };
    },
  });
}

/** By the witness's word, milliseconds since 1970. @throws NoteError when the note is not signed by our keys */
function signedAtOf(note: string, { keys, retired }: LoadedKeys): number {
  const known = [keys.log.verifier, ...(keys.witness === null ? [] : [keys.witness.verifier]), ...retired];
  const times = verifyNote(parseNote(note), known).map(({ time }) => time ?? 0);
  return Math.max(...times) * 1000;
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
