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

export type ToWorker = { readonly say: 'wake' | 'reload' | 'stop' };
export type FromWorker =
  | { readonly say: 'published'; readonly size: number; readonly note: string }
  | { readonly say: 'state'; readonly state: IntegrationState }
  | { readonly say: 'reloaded' | 'stopped' };

const sweepEveryMs = 60_000;
const settings = workerData as WorkerSettings;
const { folder, guardPath } = placesOf(settings.dataFolder, settings.book.book);
const files = new TileFolder(folder, guardPath);
let loop = await makeLoop();
loop.start();

const sweeping = setInterval(() => {
  // A sweep that fails is tried again in a minute; nothing depends on it.
  if (loop.state.condition === 'following') sweepPartials(folder, loop.state.size, Date.now()).catch(() => {});
}, sweepEveryMs);

parentPort?.on('message', async ({ say }: ToWorker) => {
  if (say === 'wake') loop.wake();
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
  const integrator = new Integrator({
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
  return new IntegrationLoop({
    integrator,
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
