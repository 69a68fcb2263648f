/** The load: bodies over keep-alive connections, answers kept as bytes and read after the clock has stopped. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Answered {
  /** From the first byte sent to the last received, tries that were put off included. */
  readonly ms: number;
  /** When it was complete, by performance.now(). */
  readonly at: number;
  readonly body: Buffer;
}

export interface Driven {
  /** Null for a body that was not sent because time was up. */
  readonly answers: readonly (Answered | null)[];
  readonly seconds: number;
  /** Answers of 503 or 429, after which the request was repeated. */
  readonly putOff: number;
}

export interface Target {
  readonly url: URL;
  readonly key: string;
}

/** Sends every body once, `concurrency` at a time. @param untilMs performance.now() after which no new request starts */
export async function drive(
  target: Target,
  bodies: readonly Buffer[],
  concurrency: number,
  untilMs: number,
): Promise<Driven> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const answers: (Answered | null)[] = bodies.map(() => null);
  let next = 0;
  let putOff = 0;
  const start = performance.now();
  const worker = async () => {
    while (next < bodies.length && performance.now() < untilMs) {
      const mine = next;
      next += 1;
      const began = performance.now();
      for (;;) {
        const { status, body, retryAfter } = await post(target, agent, bodies[mine] as Buffer);
        if (status === 200) {
          const at = performance.now();
          answers[mine] = { ms: at - began, at, body };
          break;
        }
        if (status !== 503 && status !== 429)
          throw new Error(`the server answered ${status}: ${body.toString().slice(0, 500)}`);
        putOff += 1;
        await pause(retryAfter * 1_000);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - start) / 1_000;
  agent.destroy();
  return { answers, seconds, putOff };
}

function post(
  { url, key }: Target,
  agent: Agent,
  bytes: Buffer,
): Promise<{ status: number; body: Buffer; retryAfter: number }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      'content-length': bytes.length,
    };
    const sent = request(new URL('/v1/giving/orders', url), { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const retryAfter = Number(response.headers['retry-after']) || 1;
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts), retryAfter });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** The value below which `share` of the numbers lie. @param sorted ascending, not empty */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
