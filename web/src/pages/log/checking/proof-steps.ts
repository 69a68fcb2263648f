// The verifier's verdict on a proof in words that need no background.
import { type GiftStepName, type GiftVerdict, shortFingerprint } from '@rivulet/verifier';
import { type Language, tag } from '../../../shell/language.ts';
import { count, money } from '../../../shell/money.ts';
import { fill, type Step, type Words } from './step.ts';

const names: readonly GiftStepName[] = ['read', 'signature', 'inclusion', 'related', 'gift', 'opening', 'amount'];

/** @param keySays what to say of the key beside its fingerprint */
export function proofSteps(verdict: GiftVerdict, keySays: readonly string[], words: Words, language: Language): Step[] {
  const steps: Step[] = [];
  for (const id of names) {
    const taken = verdict.steps.find((step) => step.step === id);
    if (taken === undefined) {
      // Without an opening these two are not called for; after a failure nothing more is reached.
      if (verdict.ok && (id === 'opening' || id === 'amount')) {
        steps.push({ id, state: 'note', says: [words.step[id].none] });
      }
      continue;
    }
    if (taken.ok) steps.push({ id, state: 'ok', says: says(id, verdict, words, language) });
    else {
      const why = { text: taken.said[language], rule: String(taken.evidence.rule) };
      steps.push({ id, state: 'failed', says: [words.step[id].hint], why });
    }
    if (id === 'signature' && taken.ok) steps.push(...besideSignature(verdict, steps, keySays, words, language));
  }
  return steps;
}

/** Adds what is known of the key to the signature's step; says that the operator stands alone. */
function besideSignature(
  { checkpoint }: GiftVerdict,
  steps: Step[],
  keySays: readonly string[],
  words: Words,
  language: Language,
): Step[] {
  const signature = steps.at(-1);
  if (signature !== undefined) signature.says = [...signature.says, ...keySays];
  const time = checkpoint?.time;
  const text = time === undefined ? words.step.alone.none : fill(words.step.alone.ok, { time: moment(time, language) });
  return [{ id: 'alone', state: 'note', says: [text] }];
}

function says(id: GiftStepName, verdict: GiftVerdict, words: Words, language: Language): string[] {
  const evidence = verdict.steps.find((step) => step.step === id)?.evidence ?? {};
  const { checkpoint, gift, order } = verdict;
  const number = (value: unknown) => count(Number(value), language);
  const amount = (value: unknown) => (gift ? money(BigInt(Number(value)), gift.asset, language, gift.scale) : '');
  switch (id) {
    case 'read':
      return [fill(words.step.read.ok, { index: number(evidence.index) })];
    case 'signature': {
      if (checkpoint === undefined) return [];
      const { origin, size, key } = checkpoint;
      return [fill(words.step.signature.ok, { origin, size: number(size), fingerprint: shortFingerprint(key) })];
    }
    case 'inclusion': {
      const { ok_one: one = words.step.inclusion.ok_other, ok_other: many } = words.step.inclusion;
      return [fill(evidence.hashes === 1 ? one : many, { n: number(evidence.hashes) })];
    }
    case 'related': {
      const lines = String(evidence.related ?? '').split(',').length;
      return [fill(words.step.related.ok, { n: number(lines) })];
    }
    case 'gift':
      return [words.step.gift.ok];
    case 'opening':
      return [fill(words.step.opening.ok, { order: `${evidence.order}`, line: `${evidence.line}` })];
    case 'amount': {
      const cut = gift !== undefined && order !== undefined && Number(evidence.amount) > gift.given;
      const values = { price: amount(evidence.price), amount: amount(evidence.amount), given: amount(gift?.given) };
      return [fill(cut ? words.step.amount.cut : words.step.amount.ok, values)];
    }
  }
}

/** @param seconds since 1970 */
export function moment(seconds: number, language: Language): string {
  const form = new Intl.DateTimeFormat(tag[language], { dateStyle: 'long', timeStyle: 'short' });
  return form.format(new Date(seconds * 1000));
}
