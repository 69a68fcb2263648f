/** Fills the books through the API as fast as they take it, for as long as it takes: bodies are made as they are sent, answers counted as they come. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Stand } from '../stand/stand.ts';
import { orderRequests } from './answers.ts';
import { Connection, retryAfterOf } from './connection.ts';
import type { Orders } from './orders.ts';

export interface FillOptions {
  readonly rows: number;
  readonly concurrency: number;
  /** Asked before each request. */
  readonly goOn: () => boolean;
}

/** Counts into the stand's sums. @throws Error for an answer that is neither 200 nor 503 */
export async function fill(stand: Stand, orders: Orders, { rows, concurrency, goOn }: FillOptions): Promise<void> {
  const worker = async () => {
    const connection = new Connection(stand.target.url);
    while (goOn()) {
      const [request] = orderRequests(stand.target, [orders.body(rows)]) as [Buffer];
      for (;;) {
        const answer = await connection.exchange(request);
        if (answer.status === 200) {
          stand.sums.add(answer);
          break;
        }
        if (answer.status !== 503) throw new Error(`the server answered ${answer.status}`);
        await pause((retryAfterOf(answer) ?? 1) * 1_000);
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
