/** Processor time of the server by thread and of PostgreSQL, from /proc: on a shared machine it says more than seconds do. Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** Ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const secondsPerTick = 0.01;

export interface Pids {
  readonly server: number;
  readonly postmaster: number;
}

interface CpuNow {
  /** By name of thread: MainThread, those that the server names, libuv-worker, V8Worker (garbage collection and compiling), … */
  readonly threads: ReadonlyMap<string, number>;
  readonly postgres: number;
}

/** Seconds since they began. @returns null where there is no /proc. PostgreSQL processes that ended are counted with their parent. */
export async function cpuNow(pids: Pids): Promise<CpuNow | null> {
  try {
    const threads = new Map<string, number>();
    for (const id of await readdir(`/proc/${pids.server}/task`)) {
      const times = await timesOf(`${pids.server}/task/${id}`);
      if (times !== null) threads.set(times.name, (threads.get(times.name) ?? 0) + times.own);
    }
    let postgres = 0;
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const times = await timesOf(name);
      if (times !== null && (Number(name) === pids.postmaster || times.parent === pids.postmaster))
        postgres += times.own;
      if (times !== null && Number(name) === pids.postmaster) postgres += times.children;
    }
    return { threads, postgres };
  } catch {
    return null;
  }
}

interface Times {
  readonly name: string;
  readonly parent: number;
  readonly own: number;
  readonly children: number;
}

async function timesOf(process: string): Promise<Times | null> {
  const text = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name, in parentheses, may hold anything; what follows it is numbers.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * secondsPerTick;
  const name = text.slice(text.indexOf('(') + 1, end);
  return { name, parent: Number(fields[1]), own: ticks(11), children: ticks(13) };
}

/** Microseconds of processor for one of something. */
export interface CpuEach {
  /** The load itself, on the same cores. */
  readonly client: number;
  readonly server: number;
  /** What `server` is made of, by name of thread; those below 0.05 are left out. */
  readonly threads: Readonly<Record<string, number>>;
  readonly postgres: number;
  readonly all: number;
}

/** @param clientSeconds of the load @param count of what the time is shared among */
export function cpuEach(
  before: CpuNow | null,
  after: CpuNow | null,
  clientSeconds: number,
  count: number,
): CpuEach | null {
  if (before === null || after === null) return null;
  const each = (seconds: number) => Number(((seconds * 1e6) / count).toFixed(1));
  const threads: Record<string, number> = {};
  let server = 0;
  for (const [name, seconds] of after.threads) {
    const used = seconds - (before.threads.get(name) ?? 0);
    server += used;
    if (each(used) >= 0.1) threads[name] = each(used);
  }
  const postgres = after.postgres - before.postgres;
  return {
    client: each(clientSeconds),
    server: each(server),
    threads,
    postgres: each(postgres),
    all: each(clientSeconds + server + postgres),
  };
}
