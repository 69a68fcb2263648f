// A whole check: first the file by itself, then the log that it is of.
import { type GiftVerdict, shortFingerprint, verifyGiftProof } from '@rivulet/verifier';
import { type Language, tag } from '../../../shell/language.ts';
import { historySteps } from './history-steps.ts';
import { proofSteps } from './proof-steps.ts';
import { type Remembered, recall } from './remembered.ts';
import { fill, type Step, type Words } from './step.ts';
import { originOf, readKeys, type Trust } from './trusted-keys.ts';

export interface Checked {
  steps: Step[];
  verdict: GiftVerdict;
}

export async function checkProof(file: string, trust: Trust, words: Words, language: Language): Promise<Checked> {
  const remembered = recall(originOf(file) ?? '');
  const verdict = verifyGiftProof(file, trust.keys);
  const steps = proofSteps(verdict, ofKey(trust, remembered, words, language), words, language);
  if (verdict.ok && verdict.checkpoint !== undefined) {
    steps.push(...(await historySteps(verdict.checkpoint, { trust, remembered, words, language })));
  }
  return { steps, verdict };
}

/** Where the key is from, and whether it is the one that this browser knew. */
function ofKey(trust: Trust, remembered: Remembered | null, words: Words, language: Language): string[] {
  const said = [words.step.signature[trust.from]];
  const before = readKeys(remembered?.keys ?? '').find((key) => key.algorithm === 1);
  const now = trust.keys.find((key) => key.algorithm === 1);
  if (remembered === null || before === undefined || now === undefined) return said;
  const date = new Intl.DateTimeFormat(tag[language], { dateStyle: 'long' }).format(new Date(remembered.since));
  const [old, current] = [shortFingerprint(before), shortFingerprint(now)];
  if (old === current) return [...said, fill(words.step.signature.known, { date })];
  return [...said, fill(words.step.signature.changed, { date, fingerprint: old })];
}
