/** A book's state as a file: its lines, each with a newline. Read back, it makes a replay that goes on where the state was taken. */
import { concatBytes, utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type OnMonthEnd, Replay } from '../replay/replay.ts';
import { malformed, parseStateLine } from './state-line.ts';
import { type StateSum, sumState } from './state-sum.ts';

/** Where a log keeps the state of the close at entry `at`. */
export function statePath(at: number): string {
  return `close/${at}`;
}

/** Where a log lists its closes: their `at`, one a line, in order. A hint, like any file that is not a tile. */
export const closesPath = 'closes';

/** Longer ones are not read. */
export const maxStateBytes = 2_000_000_000;

const blockBytes = 1 << 20;

/** The state of a replay, in blocks of about a megabyte, and what a close would say of it. @param at entries applied */
export function writeState(replay: Replay): { blocks: Uint8Array[]; sum: StateSum } {
  const blocks: Uint8Array[] = [];
  let block = new Uint8Array(blockBytes);
  let used = 0;
  const newline = utf8('\n');
  const put = (bytes: Uint8Array) => {
    if (used + bytes.length > block.length) {
      blocks.push(block.slice(0, used));
      block = new Uint8Array(Math.max(blockBytes, bytes.length));
      used = 0;
    }
    block.set(bytes, used);
    used += bytes.length;
  };
  const sum = sumState(replay.state(), (line) => {
    put(line);
    put(newline);
  });
  blocks.push(block.slice(0, used));
  return { blocks, sum };
}

/**
 * A replay that goes on from a state. It is to be believed once it has passed the close that commits to it: see `Replay.closes`.
 * @throws Failure `state.format`, or a rule of replay that the state breaks by itself
 */
export function readState(file: Uint8Array | readonly Uint8Array[], onMonthEnd?: OnMonthEnd): Replay {
  const bytes = file instanceof Uint8Array ? file : concatBytes(...file);
  let replay: Replay | undefined;
  let line = 0;
  for (let at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw malformed().at(`line ${line + 1}`);
    try {
      const said = parseStateLine(bytes.subarray(at, end));
      if (said.kind === 'state') {
        if (replay) throw malformed();
        replay = Replay.resume(said, onMonthEnd);
      } else if (replay) replay.restore(said);
      else throw malformed();
    } catch (error) {
      throw error instanceof Failure ? error.at(`line ${line + 1}`) : error;
    }
    at = end + 1;
  }
  if (!replay) throw malformed();
  return replay;
}
