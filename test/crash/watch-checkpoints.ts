/** Whoever keeps asking for the newest checkpoint, as monitors do. */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Watch {
  /** @returns every checkpoint seen */
  stop(): Promise<ReadonlySet<string>>;
}

/** Ends with the test, also when that fails. */
export function watchCheckpoints(t: TestContext, url: string, everyMs = 40): Watch {
  const seen = new Set<string>();
  let stopping = false;
  const watching = (async () => {
    while (!stopping) {
      const answer = await fetch(`${url}/log/checkpoint`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
      if (answer?.status === 200) {
        const note = await answer.text().catch(() => null);
        if (note !== null) seen.add(note);
      }
      await sleep(everyMs);
    }
  })();
  const stop = async () => {
    stopping = true;
    await watching;
    return seen;
  };
  t.after(stop);
  return { stop };
}
