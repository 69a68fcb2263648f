/** Metrics of a book's log, each named after the question it answers. */
import type { IntegrationState } from './follow.ts';

export interface Answer {
  /** Prometheus name, to be labelled with the book. */
  readonly name: string;
  /** The question: the metric's help text. */
  readonly question: string;
  readonly type: 'gauge' | 'counter';
  readonly value: number;
}

export interface Behind {
  readonly entries: number;
  readonly seconds: number;
}

/** @param now milliseconds since 1970 */
export function answersOf(state: IntegrationState, behind: Behind, now: number): Answer[] {
  const gauge = (name: string, question: string, value: number) => ({ name, question, type: 'gauge', value }) as const;
  const counter = (name: string, question: string, value: number) =>
    ({ name, question, type: 'counter', value }) as const;
  const sinceSigned = state.signedAt === 0 ? Number.NaN : Math.max(0, (now - state.signedAt) / 1000);
  return [
    gauge('rivulet_log_size', 'How many entries does the published checkpoint cover?', state.size),
    gauge('rivulet_log_entries_behind', 'How many accepted entries wait for a checkpoint?', behind.entries),
    gauge('rivulet_log_seconds_behind', 'How long has the oldest of them waited?', behind.seconds),
    gauge('rivulet_log_seconds_since_signed', 'How long ago did the log last sign?', sinceSigned),
    gauge('rivulet_log_pass_seconds', 'How long did the last integration take?', state.lastPassMs / 1000),
    gauge(
      'rivulet_log_paused',
      'Does integration wait for the disk or the database?',
      Number(state.condition === 'paused'),
    ),
    gauge(
      'rivulet_log_stopped',
      'Must a person look before anything is signed again?',
      Number(state.condition === 'stopped'),
    ),
    counter('rivulet_log_entries_total', 'How many entries were integrated since the start?', state.entries),
    counter('rivulet_log_files_total', 'How many tiles and bundles were written since the start?', state.files),
    counter('rivulet_log_file_bytes_total', 'How many bytes did they hold?', state.bytes),
    counter('rivulet_log_failures_total', 'How often did an integration fail since the start?', state.failures),
  ];
}
