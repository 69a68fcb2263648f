/** Where a log's files come from: a site, a folder, memory. And the reading of tiles and bundles with every size checked. */
import { Failure } from '../failure.ts';
import { hashBytes, maxBundleBytes, openBundle, tilePath, tileWidth, widthInTree } from './tile.ts';

/** Files of a log by their path below its prefix, such as `checkpoint` or `tile/0/000`. */
export interface LogSource {
  /** For people: a URL or a folder. */
  readonly name: string;
  /** The size that the log is thought to have: its partial tiles then stand in for those of smaller sizes that are not there. */
  readonly size?: number;
  /**
   * Null when there is no such file.
   * @throws Unreachable when it cannot be known, or when the file is longer than `maxBytes`
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>;
}

/** A file could not be fetched; nothing follows about the log. */
export class Unreachable extends Failure {
  override name = 'Unreachable';

  constructor(where: string, why: string) {
    super('unreachable', `could not be read: ${why}`, `无法读取：${why}`, where);
  }
}

export const maxNoteBytes = 1_000_000;

/**
 * A log over HTTP(S).
 * @param prefix with or without the last slash, for example `https://example.org/log`
 * @param get the fetch to use; the global one by default
 */
export function urlSource(prefix: string, get: typeof fetch = fetch, timeoutMs = 30_000): LogSource {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    name: base,
    async read(path, maxBytes) {
      const url = base + path;
      try {
        const response = await get(url, { signal: AbortSignal.timeout(timeoutMs) });
        if (response.status === 404 || response.status === 410) {
          await response.body?.cancel();
          return null;
        }
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return await readBody(response, maxBytes);
      } catch (error) {
        throw new Unreachable(url, reason(error));
      }
    },
  };
}

/** Stops reading at `maxBytes`: the other side may send for ever. */
async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  if (parts.length === 1 && parts[0]) return parts[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * The first `width` hashes of a tile, from the partial tile or from a fuller one that took its place.
 * @throws Failure `tile.missing`, `tile.length`
 */
export async function readTile(source: LogSource, level: number, n: number, width: number): Promise<Uint8Array> {
  const { path, bytes, wide } = await readEither(source, level, n, width, (wide) => wide * hashBytes);
  const expected = wide * hashBytes;
  if (bytes.length !== expected) {
    const en = `the tile is ${bytes.length} bytes long, not ${expected}`;
    throw new Failure('tile.length', en, `瓦片长 ${bytes.length} 字节，应为 ${expected} 字节`, path);
  }
  return bytes.subarray(0, width * hashBytes);
}

/**
 * The bytes of the first `width` entries of a bundle, framing included, and the entries as views into them.
 * @throws Failure `tile.missing`, `bundle.framing`, `bundle.length`
 */
export async function readBundle(
  source: LogSource,
  n: number,
  width: number,
): Promise<{ bytes: Uint8Array; entries: Uint8Array[] }> {
  const { path, bytes, wide } = await readEither(source, 'entries', n, width, () => maxBundleBytes);
  try {
    const entries = openBundle(bytes);
    if (entries.length !== wide) {
      const en = `the bundle has ${entries.length} entries, not ${wide}`;
      throw new Failure('bundle.length', en, `条目包有 ${entries.length} 条，应为 ${wide} 条`);
    }
    const wanted = entries.slice(0, width);
    const last = wanted.at(-1);
    const end = last ? last.byteOffset + last.length - bytes.byteOffset : 0;
    return { bytes: bytes.subarray(0, end), entries: wanted };
  } catch (error) {
    throw error instanceof Failure ? error.at(path) : error;
  }
}

/** A partial tile may be gone once a fuller one is there. */
async function readEither(
  source: LogSource,
  level: number | 'entries',
  n: number,
  width: number,
  maxBytes: (width: number) => number,
): Promise<{ path: string; bytes: Uint8Array; wide: number }> {
  const widths = new Set([width, tileWidth, widthInTree(level, n, source.size ?? 0)]);
  for (const wide of widths) {
    if (wide < width) continue;
    const path = tilePath(level, n, wide);
    const bytes = await source.read(path, maxBytes(wide));
    if (bytes) return { path, bytes, wide };
  }
  const en = 'the log does not have it, though its checkpoint says so';
  throw new Failure('tile.missing', en, '日志没有此文件，而其检查点表明应有', tilePath(level, n, width));
}
