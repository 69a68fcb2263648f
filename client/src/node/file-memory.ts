/**
 * Keeps checkpoints and promises as plain files, so that `rivulet-verify` reads them as they are:
 *
 *     <folder>/<book>/keys                     verifier keys
 *     <folder>/<book>/checkpoint               the newest checkpoint seen
 *     <folder>/<book>/promises/<16 hex>.note   promises not yet seen kept
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptPromise, LogMemory } from '../log/memory.ts';

/** @param folder made when it is not there. One process at a time; several would only lose a newer checkpoint to an older one, never a promise. */
export function inFolder(folder: string): LogMemory {
  const promiseFile = ({ book, note }: KeptPromise) =>
    join(folder, book, 'promises', `${createHash('sha256').update(note).digest('hex').slice(0, 16)}.note`);
  return {
    books: () => names(folder),
    log: async (book) => {
      const keys = await content(join(folder, book, 'keys'));
      return keys === null ? null : { book, keys, checkpoint: (await content(join(folder, book, 'checkpoint'))) ?? '' };
    },
    saveLog: async ({ book, keys, checkpoint }) => {
      await write(join(folder, book), 'keys', keys);
      if (checkpoint !== '') await write(join(folder, book), 'checkpoint', checkpoint);
    },
    promises: async (book) => {
      const kept: KeptPromise[] = [];
      for (const name of await names(join(folder, book, 'promises'))) {
        const note = name.endsWith('.note') ? await content(join(folder, book, 'promises', name)) : null;
        if (note !== null) kept.push({ book, note });
      }
      return kept;
    },
    savePromise: async (promise) => {
      const file = promiseFile(promise);
      await write(join(file, '..'), file.slice(file.lastIndexOf('/') + 1), promise.note);
    },
    forgetPromise: (promise) => rm(promiseFile(promise), { force: true }),
  };
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    return absent(error, []);
  }
}

async function content(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return absent(error, null);
  }
}

function absent<T>(error: unknown, instead: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead;
  throw error;
}

/** Whole or not at all: a crash leaves the old file, or the new one, and perhaps a stray temporary. */
async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${name}.${randomBytes(4).toString('hex')}`);
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, name));
}
