// Two steps that look beyond the file: does today's log still hold this proof's, and is it the log that this browser saw
// before? Both from the log's tiles, every hash checked against a signed root.
import {
  checkGrown,
  Failure,
  type SignedCheckpoint,
  Unreachable,
  urlSource,
  type VerifierKey,
  verifyCheckpoint,
} from '@rivulet/verifier';
import type { Language } from '../../../shell/language.ts';
import { count } from '../../../shell/money.ts';
import { type Remembered, remember } from './remembered.ts';
import { fill, type Step, type Words } from './step.ts';
import { readKeys, type Trust } from './trusted-keys.ts';

interface Context {
  trust: Trust;
  remembered: Remembered | null;
  words: Words;
  language: Language;
}

/** In order: today, seen. What was seen and holds is remembered for the next time. */
export async function historySteps(proof: SignedCheckpoint, context: Context): Promise<Step[]> {
  const { trust, remembered, words, language } = context;
  if (trust.prefix === null) {
    return [{ id: 'today', state: 'open', says: [words.step.today.elsewhere] }];
  }
  const { prefix } = trust;
  let newest: SignedCheckpoint;
  try {
    newest = await readNewest(prefix, trust.keys);
    await checkGrown(proof, newest, urlSource(prefix));
  } catch (error) {
    return [failed('today', error, context)];
  }
  const size = count(newest.size, language);
  const today: Step = { id: 'today', state: 'ok', says: [fill(words.step.today.ok, { size })] };
  if (remembered === null) {
    keep(proof, newest, context);
    return [today, { id: 'seen', state: 'note', says: [words.step.seen.first] }];
  }
  try {
    const known = verifyCheckpoint(remembered.checkpoint, [...trust.keys, ...readKeys(remembered.keys)]);
    await checkGrown(known, newest, urlSource(prefix));
    keep(known, newest, context);
    const text = fill(words.step.seen.ok, { size: count(known.size, language) });
    return [today, { id: 'seen', state: 'ok', says: [text] }];
  } catch (error) {
    return [today, failed('seen', error, context)];
  }
}

async function readNewest(prefix: string, keys: readonly VerifierKey[]): Promise<SignedCheckpoint> {
  const uncached: typeof fetch = (input, init) => fetch(input, { ...init, cache: 'no-store' });
  const bytes = await urlSource(prefix, uncached, 10_000).read('checkpoint', 100_000);
  if (bytes === null) throw new Unreachable(prefix, 'HTTP 404');
  return verifyCheckpoint(new TextDecoder().decode(bytes), keys);
}

/** The larger of two that hold together; the key as it was first seen, as long as it is the same. */
function keep(one: SignedCheckpoint, other: SignedCheckpoint, { trust, remembered }: Context): void {
  const { note, origin } = one.size > other.size ? one : other;
  const since = remembered?.since ?? new Date().toISOString();
  remember(origin, { checkpoint: note, keys: remembered?.keys ?? trust.lines, since });
}

/** What is out of reach leaves the step open; what contradicts fails it. */
function failed(id: 'today' | 'seen', error: unknown, { words, language, remembered }: Context): Step {
  if (!(error instanceof Failure)) throw error;
  // A partial tile of an older size may be gone for good reason.
  if (error instanceof Unreachable || error.rule === 'tile.missing') {
    return { id, state: 'open', says: [words.step.today.away] };
  }
  const why = { text: error.said[language], rule: error.rule };
  const evidence = id === 'seen' && remembered !== null ? [remembered.checkpoint] : [];
  return { id, state: 'failed', says: [words.step[id].hint], why, evidence };
}
