/** Closes the books of a month that is over, once a month: docs/formats/close.md. */
import type { Pool } from 'pg';
import { accountsAtOnce, closeAgrees, closeWork } from '#books/ledger';
import { readHead } from '#books/log';
import type { OpenBook } from '../open-books.ts';

/** A search replays a month of entries: one that failed is not tried again at once. */
const againMs = 3_600_000;

export class MonthCloser {
  readonly #held: OpenBook;
  readonly #pool: Pool;
  #notBefore = 0;

  constructor(held: OpenBook, pool: Pool) {
    this.#held = held;
    this.#pool = pool;
  }

  /**
   * Closes what is over and not closed. Cheap when nothing is.
   * @returns how many months were closed
   * @throws Failure when the log breaks a rule, Error when the rows have other balances than the log: then nothing is said
   */
  async closeMonths(now: Date): Promise<number> {
    if (now.getTime() < this.#notBefore) return 0;
    const { book, log } = this.#held;
    const head = await readHead(this.#pool, book.bookId);
    // Only a tick ends a month, so a book without work has nothing to close.
    if (head.nextIndex < 2) return 0;
    await log.waitFor(head.nextIndex);
    if (head.lastTick.toISOString().slice(0, 7) <= (await log.closes.month())) return 0;
    this.#notBefore = now.getTime() + againMs;
    const closed = await this.#close();
    this.#notBefore = 0;
    return closed;
  }

  async #close(): Promise<number> {
    const { book, log, ledger, writer } = this.#held;
    const { open } = await log.closes.find();
    for (const end of open) {
      const accounts = log.closes.accounts(end.at, accountsAtOnce);
      const finding = await closeAgrees(this.#pool, book.bookId, end.at, accounts);
      if (!finding.ok) throw new Error(`book ${book.book} is not closed at entry ${end.at}: ${finding.detail}`);
      await writer.submit(closeWork(ledger, end));
      await log.closes.keep(end.at);
    }
    return open.length;
  }
}
