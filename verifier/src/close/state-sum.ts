/** What a close commits to: the number of lines of the state, and the root of the RFC 6962 tree whose leaves they are. */
import { canonical } from '../entry/canonical.ts';
import { sha256Into } from '../tlog/sha256.ts';
import { hashBytes, maxTileBytes } from '../tlog/tile.ts';
import { GrowingTree } from '../tlog/tree.ts';
import type { StateLine } from './state-line.ts';

export interface StateSum {
  readonly lines: number;
  readonly root: Uint8Array;
}

const encoder = new TextEncoder();

/** @param onLine called with each line's bytes, without its end of line; they are valid until the call returns */
export function sumState(state: Iterable<StateLine>, onLine: (line: Uint8Array) => void = () => {}): StateSum {
  const tree = new GrowingTree();
  let leaves = new Uint8Array(maxTileBytes);
  let used = 0;
  let lines = 0;
  // The first byte stays the leaf prefix 0x00.
  let message = new Uint8Array(4096);
  for (const line of state) {
    const text = canonical(line);
    if (message.length < 1 + 3 * text.length) message = new Uint8Array(2 * (1 + 3 * text.length));
    const { written } = encoder.encodeInto(text, message.subarray(1));
    sha256Into(message.subarray(0, 1 + written), leaves, used);
    onLine(message.subarray(1, 1 + written));
    used += hashBytes;
    lines++;
    if (used < maxTileBytes) continue;
    tree.append(leaves);
    leaves = new Uint8Array(maxTileBytes);
    used = 0;
  }
  if (used > 0) tree.append(leaves.subarray(0, used));
  return { lines, root: tree.close() };
}
