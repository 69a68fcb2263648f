/** Reads a body that is refused to its end: a client that is still sending would otherwise see a broken connection, not the answer. */
import type { Readable } from 'node:stream';

/** More than this is not read for politeness; the connection is closed instead. */
export const discardBytes = 64 * 1024 * 1024;

/** Ends when the body has ended, was cut off, or went on for more than `discardBytes`. Nothing is kept; never throws. */
export function discardBody(payload: Readable): Promise<void> {
  if (payload.readableEnded || payload.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let size = 0;
    payload.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > discardBytes) resolve();
    });
    for (const event of ['end', 'error', 'close']) payload.once(event, () => resolve());
    payload.resume();
  });
}
