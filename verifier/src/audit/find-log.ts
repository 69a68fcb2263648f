/** From what the user named, a site or a log, to the log's files. */
import { NoteError } from '../failure.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { type LogSource, maxNoteBytes, Unreachable } from '../tlog/source.ts';

export interface FoundLog {
  readonly log: LogSource;
  /** The site above it, when the user named the site. */
  readonly site: LogSource | undefined;
}

/**
 * The log prefix itself if it has a checkpoint, else the log of a book of the site.
 * @throws Unreachable when neither has a checkpoint
 */
export async function findLog(named: LogSource, book = 'main'): Promise<FoundLog> {
  const size = await readSize(named);
  if (size !== null) return { log: below(named, '', size), site: undefined };
  const folder = book === 'main' ? 'log/' : `books/${book}/log/`;
  const log = below(named, folder, (await readSize(below(named, folder, 0))) ?? -1);
  if (log.size !== -1) return { log, site: named };
  throw new Unreachable(named.name, `there is no checkpoint, neither here nor under ${folder}`);
}

/** The size that the published checkpoint says, not verified; null when there is none, though a site may answer any path with a page. */
async function readSize(log: LogSource): Promise<number | null> {
  const bytes = await log.read('checkpoint', maxNoteBytes);
  try {
    return bytes ? parseCheckpoint(new TextDecoder().decode(bytes)).size : null;
  } catch (error) {
    if (error instanceof NoteError) return null;
    throw error;
  }
}

function below(source: LogSource, folder: string, size: number): LogSource {
  const name = source.name.endsWith('/') ? source.name : `${source.name}/`;
  return { name: name + folder, size, read: (path, maxBytes) => source.read(folder + path, maxBytes) };
}

/** A file that must be there, as text. @throws Unreachable */
export async function readText(source: LogSource, path: string): Promise<string> {
  const bytes = await source.read(path, maxNoteBytes);
  if (!bytes) throw new Unreachable(`${source.name} ${path}`, 'there is no such file');
  return new TextDecoder().decode(bytes);
}
