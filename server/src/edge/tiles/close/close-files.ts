/** Where the states of closes lie in a tile store, and what the thread that makes them is told and answers. */
import { join } from 'node:path';
import { statePath } from '@rivulet/verifier';

export interface CloseWorkerSettings {
  /** The tile store. */
  readonly folder: string;
  /** The close whose state to go on from; null: from entry 0. */
  readonly from: number | null;
}

/** The end of a month, as a `ledger.close` says it. */
export interface MonthEnd {
  readonly at: number;
  readonly lines: number;
  /** Base64url. */
  readonly root: string;
}

export interface CloseWorkerAnswer {
  /** Whose states were written down, in order. */
  readonly ends: MonthEnd[];
  /** By `at`: the closes that the log has already. */
  readonly closed: number[];
}

export const closeFolder = 'close';

export function finalPath(folder: string, at: number): string {
  return join(folder, statePath(at));
}

export function draftPath(folder: string, at: number): string {
  return `${finalPath(folder, at)}.draft`;
}
