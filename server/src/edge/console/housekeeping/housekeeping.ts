/** What the server does by itself, at leisure: day tallies, closing months, returns whose order never came, sums given so far, when keys were used. */
import { dropExpiredReturns, keepGivenSoFar, knowSources, tallyDays } from '#domains/giving';
import type { Installation } from '../installation.ts';
import type { OpenBook } from '../open-books.ts';
import { MonthCloser } from './close-months.ts';

const everyMs = 20_000;
const dropEvery = 180;

export interface Housekeeping {
  stop(): Promise<void>;
}

/** One round after the other. A round that fails is noted and tried again at the next. */
export function startHousekeeping(installation: Installation): Housekeeping {
  const closers = new Map(installation.books.map((held) => [held, new MonthCloser(held, installation.pool)]));
  let rounds = 0;
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => round(installation, closers, rounds++));
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(installation.books.map(({ log }) => log.closes.stop()));
      await running;
    },
  };
}

async function round(
  installation: Installation,
  closers: ReadonlyMap<OpenBook, MonthCloser>,
  number: number,
): Promise<void> {
  const { books, keys, now, pool, telemetry } = installation;
  const attempt = (what: string, does: Promise<unknown>) =>
    does.catch((error: unknown) => telemetry.warn({ err: error }, `${what} will be tried again`));
  await attempt('noting when keys were used', keys.flush());
  for (const held of books) {
    if (held.writer.state !== 'leading') {
      await attempt('reading the sources', knowSources(pool, held.registry.catalogue));
      continue;
    }
    await attempt('tallying days', tallyDays(installation, held, now()));
    await attempt('closing the books', closers.get(held)?.closeMonths(now()) ?? Promise.resolve());
    if (number % dropEvery !== 0) continue;
    await attempt('dropping expired returns', dropExpiredReturns(held, now()));
    await attempt('noting what was given so far', keepGivenSoFar(pool, held.book.bookId));
  }
}
