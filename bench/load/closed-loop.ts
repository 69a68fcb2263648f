/** A closed loop: as many requests under way as there are connections, the next as soon as one is answered. Says what is possible, not how long buyers wait. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, Connection, ConnectionLost, retryAfterOf, type Target } from './connection.ts';

export interface Answered extends Answer {
  /** From the first byte sent to the last received, tries that were put off included. */
  readonly ms: number;
  /** When it was complete, by performance.now(). */
  readonly at: number;
  /** Of the body. */
  readonly bytes: number;
}

export interface Driven {
  /** Null for a request that was not sent because time was up. */
  readonly answers: readonly (Answered | null)[];
  readonly seconds: number;
  /** Answers of 503 or 429, after which the request was repeated. */
  readonly putOff: number;
  /** Connections that ended under way, after which the request was repeated. */
  readonly lost: number;
  /** Processor time of this process meanwhile. */
  readonly cpuSeconds: number;
}

export interface DriveOptions {
  /** False: bodies are counted and dropped as they come, where there are too many to hold. */
  readonly keepBodies?: boolean;
}

/**
 * Sends every request once, `concurrency` at a time, and repeats what was put off.
 * @param untilMs performance.now() after which no new request starts
 * @throws Error for an answer that is neither 200 nor 503 nor 429
 */
export async function drive(
  { url }: Pick<Target, 'url'>,
  requests: readonly Buffer[],
  concurrency: number,
  untilMs: number,
  { keepBodies = true }: DriveOptions = {},
): Promise<Driven> {
  const answers: (Answered | null)[] = requests.map(() => null);
  const state = { next: 0, putOff: 0, lost: 0 };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const worker = async () => {
    const connection = new Connection(url);
    while (state.next < requests.length && performance.now() < untilMs) {
      const mine = state.next;
      state.next += 1;
      const began = performance.now();
      const answer = await insist(connection, requests[mine] as Buffer, state);
      const at = performance.now();
      const bytes = answer.pieces.reduce((sum, piece) => sum + piece.length, 0);
      answers[mine] = { ...answer, ...(keepBodies ? {} : { head: '', pieces: [] }), bytes, ms: at - began, at };
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, requests.length) }, worker));
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { answers, seconds, putOff: state.putOff, lost: state.lost, cpuSeconds: (user + system) / 1e6 };
}

async function insist(connection: Connection, request: Buffer, state: { putOff: number; lost: number }) {
  for (;;) {
    const answer = await connection.exchange(request).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost) || state.lost > 1_000) throw error;
      return null;
    });
    if (answer === null) {
      state.lost += 1;
      await pause(100);
      continue;
    }
    if (answer.status === 200) return answer;
    if (answer.status !== 503 && answer.status !== 429) {
      const body = Buffer.concat(answer.pieces).toString().slice(0, 500);
      throw new Error(`the server answered ${answer.status}: ${body}`);
    }
    state.putOff += 1;
    await pause((retryAfterOf(answer) ?? 1) * 1_000);
  }
}
