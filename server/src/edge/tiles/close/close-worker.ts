/** The thread that replays a log up to the ends of months, as an auditor would, and writes down the state at each. Started by closes.ts. */
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type LogSource,
  parseCheckpoint,
  Replay,
  readState,
  readText,
  replayLog,
  toBase64Url,
  writeState,
} from '@rivulet/verifier';
import { folderSource, useNativeSha256 } from '@rivulet/verifier/node';
import { type CloseWorkerAnswer, type CloseWorkerSettings, closeFolder, draftPath, finalPath } from './close-files.ts';

const sliceMs = 20;
let restedAt = performance.now();
let resting: Promise<void> | null = null;

const { folder, from } = workerData as CloseWorkerSettings;
const answer: CloseWorkerAnswer = { ends: [], closed: [] };

useNativeSha256();
const files = folderSource(folder);
const source: LogSource = {
  name: files.name,
  async read(path, maxBytes) {
    await rest();
    return await files.read(path, maxBytes);
  },
};
const target = parseCheckpoint(await readText(source, 'checkpoint'));
const replay =
  from === null ? new Replay({ onMonthEnd }) : readState(readFileSync(finalPath(folder, from)), onMonthEnd);
await replayLog({ ...source, size: target.size }, target, replay);
answer.closed.push(...replay.closes.keys());
parentPort?.postMessage(answer);

/** Sleeps as long as was worked since the last sleep: there is a month's time for this, and intake needs the core more. */
function rest(): Promise<void> {
  const worked = performance.now() - restedAt;
  if (worked > sliceMs) {
    resting ??= sleep(worked).then(() => {
      restedAt = performance.now();
      resting = null;
    });
  }
  return resting ?? Promise.resolve();
}

/** A crash while the draft is written leaves one that nobody reads; the next run writes it anew. */
function onMonthEnd(at: number, replay: Replay): void {
  const { blocks, sum } = writeState(replay);
  mkdirSync(join(folder, closeFolder), { recursive: true });
  const file = openSync(draftPath(folder, at), 'w', 0o644);
  for (const block of blocks) writeSync(file, block);
  fdatasyncSync(file);
  closeSync(file);
  answer.ends.push({ at, lines: sum.lines, root: toBase64Url(sum.root) });
}
