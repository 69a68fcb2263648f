/** `rivulet-verify promise`: was a signed promise kept? If not, the two notes that prove it are printed. */
import { readText } from '../../audit/find-log.ts';
import { toBase64 } from '../../bytes.ts';
import { checkPromise, promiseIn, verifyPromise } from '../../proof/promise.ts';
import { verifyCheckpoint } from '../../proof/signed-checkpoint.ts';
import { type Command, exit } from './command.ts';
import { chooseKeys, keysAnswer, openLog, readInput, sayKeys } from './inputs.ts';

const exits = { kept: exit.ok, broken: exit.failed, waiting: exit.waiting };

export const promiseCommand: Command = async ([file = '', named = ''], { key }, printer) => {
  const text = await readInput(file);
  const { log } = await openLog(named, bookOf(text));
  const keys = await chooseKeys(key, log);
  const note = promiseIn(text);
  const promise = verifyPromise(note, keys.keys);
  const checkpoint = verifyCheckpoint(await readText(log, 'checkpoint'), keys.keys);
  const { state, said } = await checkPromise(promise, checkpoint, log);
  sayKeys(keys, printer);
  if (state === 'kept') printer.good(said);
  else if (state === 'waiting') printer.line(said);
  else {
    printer.bad(said);
    printer.line({
      en: 'The promise was BROKEN. These two notes, both signed by the log, prove it:',
      zh: '承诺未兑现。以下两份均由日志签名，足以为证：',
    });
    for (const line of `${note}\n${checkpoint.note}`.split('\n')) printer.line(line);
  }
  const { hash, ...range } = promise;
  const evidence = state === 'broken' ? { evidence: { promise: note, checkpoint: checkpoint.note } } : {};
  const answer = { ok: state === 'kept', exit: exits[state], state, said, promise: { ...range, hash: toBase64(hash) } };
  printer.answer({ ...answer, size: checkpoint.size, ...keysAnswer(keys), ...evidence });
  return exits[state];
};

/** Which book's log to look for: a hint only. */
function bookOf(text: string): string | undefined {
  const book = /"book"\s*:\s*"([a-z][a-z0-9-]{0,31})"/.exec(text)?.[1];
  return text.trimStart().startsWith('{') ? book : undefined;
}
