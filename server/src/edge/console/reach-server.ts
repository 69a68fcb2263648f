/** How a command finds the server that runs on the same data folder: by a small file that the server leaves there. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Note = z.object({ pid: z.int(), url: z.url() });

export interface ServerNote {
  readonly pid: number;
  readonly url: string;
}

function pathOf(dataFolder: string): string {
  return join(dataFolder, 'server.json');
}

/** Not over the note of another server that runs: the one that came first writes the books. */
export async function leaveNote(dataFolder: string, note: ServerNote): Promise<void> {
  const other = await findServer(dataFolder);
  if (other !== null && other.url !== note.url) return;
  await writeFile(pathOf(dataFolder), `${JSON.stringify(note)}\n`, { mode: 0o644 });
}

/** Only our own: another server may have come after us. */
export async function takeNoteBack(dataFolder: string): Promise<void> {
  if ((await readNote(dataFolder))?.pid === process.pid) await rm(pathOf(dataFolder), { force: true });
}

/** The server that answers there now, or null. A note that a crash left behind counts for nothing. */
export async function findServer(dataFolder: string): Promise<ServerNote | null> {
  const note = await readNote(dataFolder);
  if (note === null) return null;
  try {
    await fetch(new URL('/healthz', note.url), { signal: AbortSignal.timeout(3_000) });
    return note;
  } catch {
    return null;
  }
}

async function readNote(dataFolder: string): Promise<ServerNote | null> {
  const text = await readFile(pathOf(dataFolder), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return Note.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
