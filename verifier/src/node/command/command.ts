/** What every command takes and answers. */
import type { Printer } from './printer.ts';

/** Exit codes, for scripts; verifier/README.md. */
export const exit = { ok: 0, failed: 1, usage: 2, unreachable: 3, waiting: 4 } as const;

/** Options of all commands together; a command ignores none that it does not know. */
export interface Options {
  key: string[];
  seen: string[];
  url?: string;
  log?: string;
  checkpoint?: string;
  since?: string;
}

/** Takes the arguments after the command's name. Returns the exit code. */
export type Command = (args: readonly string[], options: Options, printer: Printer) => Promise<number>;
