/** `rivulet-verify proof`: a gift proof, offline; with a site, also that its log still contains the proof's state. */
import { readText } from '../../audit/find-log.ts';
import { Failure } from '../../failure.ts';
import { checkGrown } from '../../proof/consistency.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../../proof/signed-checkpoint.ts';
import { failedStep, type Step } from '../../proof/step.ts';
import { type GiftProofExtra, parseGiftExtra, parseTlogProof } from '../../proof/tlog-proof.ts';
import { verifyGiftProof } from '../../proof/verify-gift.ts';
import type { LogSource } from '../../tlog/source.ts';
import { Unreachable } from '../../tlog/source.ts';
import { count } from '../terminal.ts';
import { type Command, exit } from './command.ts';
import { chooseKeys, type Keys, keysAnswer, openLog, readInput, sayKeys } from './inputs.ts';

export const proofCommand: Command = async ([file = ''], { key, url }, printer) => {
  const text = await readInput(file);
  const log = url === undefined ? undefined : (await openLog(url, bookOf(text))).log;
  const chosen = await chooseKeys(key, log, { file, keys: extraOf(text)?.keys ?? '' });
  const verdict = verifyGiftProof(text, chosen.keys);
  // Of the keys in the file the one to compare is the one that signed.
  const keys = chosen.inFile && verdict.checkpoint ? { ...chosen, keys: [verdict.checkpoint.key] } : chosen;
  const steps: Step[] = [...verdict.steps];
  if (verdict.ok && verdict.checkpoint && log) steps.push(await checkNewest(verdict.checkpoint, log, keys));
  const ok = steps.every((step) => step.ok);
  for (const step of steps) printer.step(step);
  sayKeys(keys, printer);
  if (ok && keys.inFile) {
    printer.line({ en: 'The proof holds under the key that came with it.', zh: '以文件自带的公钥核验，存证成立。' });
  } else if (ok) printer.line({ en: 'The proof holds.', zh: '存证成立。' });
  else printer.line({ en: 'The proof does NOT hold.', zh: '存证不成立。' });
  const { gift, order } = verdict;
  printer.answer({ ok, exit: ok ? exit.ok : exit.failed, file, ...keysAnswer(keys), steps, gift, order });
  return ok ? exit.ok : exit.failed;
};

/** The log of today must begin with the proof's state. */
async function checkNewest(checkpoint: SignedCheckpoint, log: LogSource, { keys }: Keys): Promise<Step> {
  try {
    const newest = verifyCheckpoint(await readText(log, 'checkpoint'), keys);
    const hashes = await checkGrown(checkpoint, newest, log);
    const said = {
      en: `The log at ${log.name}, now ${count(newest.size)} records, still contains that state.`,
      zh: `${log.name} 的日志现有 ${count(newest.size)} 条记录，仍包含该状态。`,
    };
    return { step: 'newest', ok: true, said, evidence: { size: newest.size, hashes } };
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    return failedStep('newest', error);
  }
}

/** Which book's log to look for: a hint only, read from the file unproved. */
function bookOf(file: string): string | undefined {
  try {
    const opened = JSON.parse(extraOf(file)?.related.find(({ index }) => index === 0)?.entry ?? '{}') as {
      book?: unknown;
    };
    return typeof opened.book === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(opened.book) ? opened.book : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Unproved; undefined when the file is no gift proof, which its first step then says. */
function extraOf(file: string): GiftProofExtra | undefined {
  try {
    return parseGiftExtra(parseTlogProof(file).extra);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
