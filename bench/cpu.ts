/** Processor time of the server and of PostgreSQL, from /proc: on a shared machine it says more than seconds do. Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** Ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const secondsPerTick = 0.01;

export interface CpuSeconds {
  readonly server: number;
  readonly postgres: number;
}

/** @returns null where there is no /proc. PostgreSQL processes that ended are counted with their parent. */
export async function cpuNow(server: number, postmaster: number): Promise<CpuSeconds | null> {
  try {
    let postgres = 0;
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const times = await timesOf(name);
      if (times !== null && (Number(name) === postmaster || times.parent === postmaster)) postgres += times.own;
      if (times !== null && Number(name) === postmaster) postgres += times.children;
    }
    return { server: (await timesOf(String(server)))?.own ?? 0, postgres };
  } catch {
    return null;
  }
}

async function timesOf(pid: string): Promise<{ parent: number; own: number; children: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name, in parentheses, may hold anything; what follows it is numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * secondsPerTick;
  return { parent: Number(fields[1]), own: ticks(11), children: ticks(13) };
}

/** Microseconds of processor a gift. */
export function microsecondsAGift(
  before: CpuSeconds | null,
  after: CpuSeconds | null,
  gifts: number,
): CpuSeconds | null {
  if (before === null || after === null) return null;
  const each = (seconds: number) => Number(((seconds * 1e6) / gifts).toFixed(1));
  return { server: each(after.server - before.server), postgres: each(after.postgres - before.postgres) };
}
