/** `rivulet-verify proof`: a gift proof, offline; with a site, also that its log still contains the proof's state. */
import { readText } from '../../audit/find-log.ts';
import { Failure } from '../../failure.ts';
import { checkGrown } from '../../proof/consistency.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../../proof/signed-checkpoint.ts';
import { failedStep, type Step } from '../../proof/step.ts';
import { parseGiftExtra, parseTlogProof } from '../../proof/tlog-proof.ts';
import { verifyGiftProof } from '../../proof/verify-gift.ts';
import type { LogSource } from '../../tlog/source.ts';
import { Unreachable } from '../../tlog/source.ts';
import { count } from '../terminal.ts';
import { type Command, exit } from './command.ts';
import { chooseKeys, type Keys, keysAnswer, openLog, readInput, sayKeys } from './inputs.ts';

export const proofCommand: Command = async ([file = ''], { key, url }, printer) => {
  const text = await readInput(file);
  const log = url === undefined ? undefined : (await openLog(url, bookOf(text))).log;
  const keys = await chooseKeys(key, log);
  const verdict = verifyGiftProof(text, keys.keys);
  const steps: Step[] = [...verdict.steps];
  if (verdict.ok && verdict.checkpoint && log) steps.push(await checkNewest(verdict.checkpoint, log, keys));
  const ok = steps.every((step) => step.ok);
  for (const step of steps) printer.step(step);
  sayKeys(keys, printer);
  if (ok) printer.line({ en: 'The proof holds.', zh: '存证成立。' });
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
    const { related } = parseGiftExtra(parseTlogProof(file).extra);
    const opened = JSON.parse(related.find(({ index }) => index === 0)?.entry ?? '{}') as { book?: unknown };
    return typeof opened.book === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(opened.book) ? opened.book : undefined;
  } catch (error) {
    if (error instanceof Failure || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
