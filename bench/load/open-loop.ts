/**
 * An open loop: each request is due at a time fixed beforehand, whether or not those before it are answered. Its latency counts from when it was
 * due, so a server that stalls is charged for everybody who came meanwhile.
 */
import { type Answer, Connection, ConnectionLost, type Target } from './connection.ts';

export interface Arrived {
  /** From when the request was due to the last byte of its answer. */
  readonly ms: number;
  /** When it was complete, by performance.now(). */
  readonly at: number;
  /** Null when the connection ended under way. */
  readonly answer: Answer | null;
}

export interface OpenLoop {
  /** In the order of the requests. */
  readonly arrived: readonly Arrived[];
  readonly seconds: number;
  /** Most requests that were under way or waited for a connection. */
  readonly mostWaiting: number;
  /** Processor time of this process meanwhile. */
  readonly cpuSeconds: number;
}

/**
 * @param dueMs when each is due, in milliseconds after the start, ascending; as many as requests are sent
 * @param most connections; what is due while all are busy waits here, on its own time
 */
export function driveOpen(
  { url }: Pick<Target, 'url'>,
  requests: readonly Buffer[],
  dueMs: ArrayLike<number>,
  most: number,
): Promise<OpenLoop> {
  const count = Math.min(requests.length, dueMs.length);
  const arrived = new Array<Arrived>(count);
  const idle: Connection[] = [];
  const waiting: number[] = [];
  const all: Connection[] = [];
  let [next, done, mostWaiting] = [0, 0, 0];
  const cpu = process.cpuUsage();
  const start = performance.now();
  return new Promise((resolve) => {
    const send = async (connection: Connection, mine: number) => {
      const answer = await connection.exchange(requests[mine] as Buffer).catch((error: unknown) => {
        if (error instanceof ConnectionLost) return null;
        throw error;
      });
      const at = performance.now();
      arrived[mine] = { ms: at - start - (dueMs[mine] as number), at, answer };
      done += 1;
      const first = waiting.shift();
      if (first === undefined) idle.push(connection);
      else void send(connection, first);
      if (done === count) finish();
    };
    const dispatch = () => {
      const now = performance.now() - start;
      for (; next < count && (dueMs[next] as number) <= now; next += 1) {
        const connection = idle.pop() ?? (all.length < most ? added(all, url) : null);
        if (connection === null) waiting.push(next);
        else void send(connection, next);
      }
      mostWaiting = Math.max(mostWaiting, next - done);
      // Timers count whole milliseconds: a request may leave one late, and that counts as its latency too.
      if (next < count) setTimeout(dispatch, Math.max(0, (dueMs[next] as number) - (performance.now() - start)));
    };
    const finish = () => {
      for (const connection of all) connection.close();
      const { user, system } = process.cpuUsage(cpu);
      const seconds = (performance.now() - start) / 1_000;
      resolve({ arrived, seconds, mostWaiting, cpuSeconds: (user + system) / 1e6 });
    };
    if (count === 0) finish();
    else dispatch();
  });
}

function added(all: Connection[], url: URL): Connection {
  const connection = new Connection(url);
  all.push(connection);
  return connection;
}
