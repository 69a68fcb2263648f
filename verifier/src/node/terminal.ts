/** Where the command writes. Names and texts from a log are other people's: nothing of theirs may steer a terminal. */
import type { Said } from '../failure.ts';

export type Language = keyof Said;

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Is standard error a terminal, so that a progress bar can be redrawn? */
  readonly redraws: boolean;
  readonly colours: boolean;
  /** From LC_ALL, LC_MESSAGES, LANG. */
  readonly language: Language;
}

export function processTerminal(): Terminal {
  const { LC_ALL, LC_MESSAGES, LANG, NO_COLOR } = process.env;
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    redraws: process.stderr.isTTY === true,
    colours: process.stdout.isTTY === true && !NO_COLOR,
    language: (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh' : 'en',
  };
}

/** Control and direction-changing characters shown as U+FFFD. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\ufffd');
}

export function count(n: number | bigint): string {
  return n.toLocaleString('en-US');
}
