/** The log over HTTP as C2SP tlog-tiles: `/log/…` for one book, `/books/<book>/log/…` for each. Read-only, the same for everybody, made for caches. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { closesPath, parseTilePath, type Rotation, type TileName, tileWidth } from '@rivulet/verifier';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PublishedCheckpoint } from '#books/log';
import { KeptAnswers } from './kept-answers.ts';
import type { TileFolder } from './tile-folder.ts';

/** What serving needs of a book; a BookLog is one. */
export interface ServedLog {
  readonly book: { readonly book: string };
  readonly files: Pick<TileFolder, 'read' | 'place'>;
  published(): PublishedCheckpoint | null;
  vkeys(): string;
  rotations(): readonly Rotation[];
}

export interface ServeLogOptions {
  readonly logs: readonly ServedLog[];
  /** The book whose log is also at `/log`. */
  readonly main: string;
}

const immutable = 'public, max-age=31536000, immutable';
/** Long enough to be shared by many readers, short enough for a log that signs several times a second. */
const fresh = 'public, max-age=1';

/** Adds the routes. Register it as a plugin or call it with the app. */
export async function serveLog(app: FastifyInstance, { logs, main }: ServeLogOptions): Promise<void> {
  const byName = new Map(logs.map((log) => [log.book.book, log]));
  const answer = async (log: ServedLog | undefined, path: string, request: FastifyRequest, reply: FastifyReply) => {
    // Verifiers in browsers may live anywhere.
    reply.header('access-control-allow-origin', '*').header('x-content-type-options', 'nosniff');
    if (log === undefined) return notFound(reply);
    if (path === 'checkpoint') return await sendCheckpoint(log, reply);
    if (path === 'vkey' || path === 'vkeys')
      return await reply
        .header('cache-control', 'public, max-age=60')
        .type('text/plain; charset=utf-8')
        .send(path === 'vkey' ? `${log.vkeys().split('\n', 1)}\n` : log.vkeys());
    if (path === 'rotations')
      return await reply
        .header('cache-control', 'public, max-age=60')
        .type('application/x-ndjson; charset=utf-8')
        .send(
          log
            .rotations()
            .map((rotation) => `${JSON.stringify(rotation)}\n`)
            .join(''),
        );
    if (path === closesPath || /^close\/(0|[1-9]\d{0,15})$/.test(path)) return await sendFile(log, path, reply);
    const tile = parseTilePath(path);
    return tile === null ? notFound(reply) : await sendTile(log, tile, path, request, reply);
  };
  app.get<{ Params: { '*': string } }>('/log/*', { schema: { hide: true } }, (request, reply) =>
    answer(byName.get(main), request.params['*'], request, reply),
  );
  app.get<{ Params: { book: string; '*': string } }>(
    '/books/:book/log/*',
    { schema: { hide: true } },
    (request, reply) => answer(byName.get(request.params.book), request.params['*'], request, reply),
  );
}

async function sendCheckpoint(log: ServedLog, reply: FastifyReply): Promise<FastifyReply> {
  const published = log.published();
  if (published === null) return notFound(reply);
  return await reply.header('cache-control', fresh).type('text/plain; charset=utf-8').send(published.note);
}

/** The list of closes, or a state, which may be long: it is never held in memory. */
async function sendFile(log: ServedLog, path: string, reply: FastifyReply): Promise<FastifyReply> {
  const file = await open(join(log.files.place, path), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (file === null) return notFound(reply);
  const { size } = await file.stat();
  const isList = path === closesPath;
  reply.header('cache-control', isList ? 'public, max-age=60' : immutable).header('content-length', size);
  reply.type(isList ? 'text/plain; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
  return await reply.send(file.createReadStream());
}

async function sendTile(
  log: ServedLog,
  tile: TileName,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Tiles are written before the checkpoint that covers them: until then they are nobody's business.
  if (!covers(log.published()?.size ?? 0, tile)) return notFound(reply);
  const isBundle = tile.level === 'entries';
  const packs = isBundle && takesGzip.test(request.headers['accept-encoding'] ?? '');
  const read = packs ? () => readPacked(log, path) : () => log.files.read(path);
  // A partial tile goes when the full one has been there for a while; a full one never changes.
  const bytes = await (tile.width === tileWidth ? keptOf(log).get(packs ? `${path}.gz` : path, read) : read());
  if (bytes === null) return notFound(reply);
  reply.header('cache-control', immutable).type('application/octet-stream');
  if (isBundle) reply.header('vary', 'accept-encoding');
  if (packs) reply.header('content-encoding', 'gzip');
  return await reply.send(bytes);
}

const takesGzip = /(^|,)\s*gzip\s*(;\s*q=(1(\.0*)?|0?\.0*[1-9]\d*)\s*)?(,|$)/i;
const compress = promisify(gzip);

/** Hashes do not pack: level 5 takes half as long again and saves 2 % (a bundle of 30,685 bytes: 13,317 and 12,995). */
async function readPacked(log: ServedLog, path: string): Promise<Uint8Array | null> {
  const bytes = await log.files.read(path);
  return bytes === null ? null : await compress(bytes, { level: 3 });
}

/** Of each book: some two thousand bundles, or five thousand packed. */
const mostKeptBytes = 64 * 2 ** 20;
const kept = new WeakMap<ServedLog, KeptAnswers>();

function keptOf(log: ServedLog): KeptAnswers {
  let answers = kept.get(log);
  if (answers === undefined) {
    answers = new KeptAnswers(mostKeptBytes);
    kept.set(log, answers);
  }
  return answers;
}

/** Whether the tree of `size` has this tile, whole. */
function covers(size: number, { level, n, width }: TileName): boolean {
  const hashes = Math.floor(size / tileWidth ** (level === 'entries' ? 0 : level));
  return n * tileWidth + width <= hashes;
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send('not found\n');
}
