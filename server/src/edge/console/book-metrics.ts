/** What Prometheus asks of each book: what its log answers, and how much waits for its writer. */
import { Gauge, type Registry } from 'prom-client';
import type { OpenBook } from './open-books.ts';

/** Values are asked for when Prometheus does, not before. */
export function addBookMetrics(registry: Registry, books: readonly OpenBook[]): void {
  for (const { name, question } of books[0]?.log.answers() ?? []) {
    // A counter of ours only grows, but is kept elsewhere: to this library it is a gauge that is set.
    new Gauge({
      name,
      help: question,
      labelNames: ['book'],
      registers: [registry],
      collect() {
        for (const { book, log } of books) {
          const answer = log.answers().find((candidate) => candidate.name === name);
          if (answer !== undefined) this.set({ book: book.book }, answer.value);
        }
      },
    });
  }
  new Gauge({
    name: 'rivulet_intake_events_waiting',
    help: 'How many events wait for the writer?',
    labelNames: ['book'],
    registers: [registry],
    collect() {
      for (const { book, writer } of books) this.set({ book: book.book }, writer.queued);
    },
  });
}
