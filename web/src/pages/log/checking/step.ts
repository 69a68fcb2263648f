// One step of a check, as it is shown.
import type { GiftStepName } from '@rivulet/verifier';
import type { log } from '../words.en.ts';

/** The words of the page, in its language. */
export type Words = typeof log;

/** The verifier's own steps, and three that need the site or this browser's memory. */
export type StepId = GiftStepName | 'alone' | 'today' | 'seen';

/** ok: worked out and right. failed: worked out and wrong. open: could not be worked out. note: nothing to work out, but good to know. */
export type State = 'ok' | 'failed' | 'open' | 'note';

export interface Step {
  id: StepId;
  state: State;
  /** Sentences for people. */
  says: readonly string[];
  /** Of a failure: the verifier's own words and the rule. */
  why?: { text: string; rule: string };
  /** Signed texts that contradict each other. */
  evidence?: readonly string[];
}

export const order: readonly StepId[] = [
  'read',
  'signature',
  'alone',
  'inclusion',
  'related',
  'gift',
  'opening',
  'amount',
  'today',
  'seen',
];

/** Fills `{{name}}` places in. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (place, name: string) => values[name] ?? place);
}
