/** `rivulet-verify consistency`: does the second checkpoint continue the first? */
import { Failure, locate } from '../../failure.ts';
import { checkGrown } from '../../proof/consistency.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../../proof/signed-checkpoint.ts';
import type { LogSource } from '../../tlog/source.ts';
import { count } from '../terminal.ts';
import { type Command, exit } from './command.ts';
import { chooseKeys, keysAnswer, openLog, readInput, sayKeys, UsageError } from './inputs.ts';

export const consistencyCommand: Command = async (files, { key, log: named }, printer) => {
  const notes = await Promise.all(files.map(readInput));
  const log = named === undefined ? undefined : (await openLog(named)).log;
  const keys = await chooseKeys(key, log);
  const signed = notes.map((note, i) => locate(files[i] ?? '', () => verifyCheckpoint(note, keys.keys)));
  const [older, newer] = signed as [(typeof signed)[0], (typeof signed)[0]];
  if (!log && older.size < newer.size && older.size > 0) {
    throw new UsageError(
      'checkpoints of different sizes need the tiles of the log: name it with --log',
      '大小不同的检查点需要日志的瓦片：请用 --log 指定',
    );
  }
  const hashes = await grown(older, newer, log, files[1] ?? '');
  sayKeys(keys, printer);
  printer.good({
    en: `The checkpoint of ${count(newer.size)} entries continues that of ${count(older.size)} (${hashes} hashes).`,
    zh: `${count(newer.size)} 条的检查点是 ${count(older.size)} 条的检查点的延续（${hashes} 个哈希）。`,
  });
  const sizes = [older.size, newer.size];
  printer.answer({ ok: true, exit: exit.ok, origin: older.origin, sizes, hashes, ...keysAnswer(keys) });
  return exit.ok;
};

/** @throws Failure said to be at the newer checkpoint's file when it is a rollback */
async function grown(
  older: SignedCheckpoint,
  newer: SignedCheckpoint,
  log: LogSource | undefined,
  file: string,
): Promise<number> {
  try {
    return await checkGrown(older, newer, log);
  } catch (error) {
    throw error instanceof Failure && error.rule === 'log.rollback' ? error.at(file) : error;
  }
}
