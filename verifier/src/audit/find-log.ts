/** From what the user named, a site or a log, to the log's files. */
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
  if (await named.read('checkpoint', maxNoteBytes).then(isNote)) return { log: named, site: undefined };
  const folder = book === 'main' ? 'log/' : `books/${book}/log/`;
  const log = below(named, folder);
  if (await log.read('checkpoint', maxNoteBytes).then(isNote)) return { log, site: named };
  throw new Unreachable(named.name, `there is no checkpoint, neither here nor under ${folder}`);
}

/** A site may answer any path with a page. */
function isNote(bytes: Uint8Array | null): boolean {
  return bytes !== null && new TextDecoder().decode(bytes).includes('\n\n\u2014 ');
}

function below(source: LogSource, folder: string): LogSource {
  const name = source.name.endsWith('/') ? source.name : `${source.name}/`;
  return { name: name + folder, read: (path, maxBytes) => source.read(folder + path, maxBytes) };
}

/** A file that must be there, as text. @throws Unreachable */
export async function readText(source: LogSource, path: string): Promise<string> {
  const bytes = await source.read(path, maxNoteBytes);
  if (!bytes) throw new Unreachable(`${source.name} ${path}`, 'there is no such file');
  return new TextDecoder().decode(bytes);
}
