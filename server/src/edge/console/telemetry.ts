/** What the server says while it runs: progress to stdout for people, JSON lines to stderr for programs. */
import pino, { type Logger } from 'pino';

export type Telemetry = Logger;

export function newTelemetry(level: string): Telemetry {
  const stderr = pino.destination({ dest: 2, sync: true });
  stderr.on('error', () => {});
  return pino({ level, base: { pid: process.pid } }, stderr);
}

// Whoever read our output may be gone; that is no reason to end.
process.stdout.on('error', () => {});

/** Progress for a person at a terminal, one line each. */
export function tell(message: string): void {
  process.stdout.write(`${message}\n`);
}
