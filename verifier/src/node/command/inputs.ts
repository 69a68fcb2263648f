/** What the user names on the command line: files, logs by URL or folder, keys. */
import { readFile, stat } from 'node:fs/promises';
import { type FoundLog, findLog } from '../../audit/find-log.ts';
import { readShownTotals } from '../../audit/public-totals.ts';
import { maxStateBytes } from '../../close/state-file.ts';
import { Failure, locate } from '../../failure.ts';
import { fingerprint, shortFingerprint } from '../../proof/fingerprint.ts';
import { type FollowedRotation, followRotations, parseRotations } from '../../proof/rotation.ts';
import { parseVerifierKeys } from '../../proof/signed-checkpoint.ts';
import type { Rotation } from '../../proof/tlog-proof.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../tlog/note.ts';
import { type LogSource, maxNoteBytes, Unreachable } from '../../tlog/source.ts';
import { folderSource } from '../folder-source.ts';
import { siteSource } from '../site-source.ts';
import type { Printer } from './printer.ts';

const maxFileBytes = 64_000_000;

/** The command line is wrong. */
export class UsageError extends Failure {
  override name = 'UsageError';

  constructor(en: string, zh: string) {
    super('usage', en, zh);
  }
}

/** @throws Unreachable */
export async function readInput(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, maxFileBytes));
}

/** @throws Unreachable */
export async function readBytes(path: string, maxBytes = maxStateBytes): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size > maxBytes) throw new Error('too long');
    return await readFile(path);
  } catch (error) {
    throw new Unreachable(path, (error as Error).message);
  }
}

/** @param book whose log to look for below a site */
export async function openLog(named: string, book?: string): Promise<FoundLog> {
  if (!/^https?:\/\//.test(named)) return findLog(folderSource(named), book);
  const found = await findLog(siteSource(named), book);
  return found.site ? found : { ...found, site: await siteAbove(named) };
}

/** The site of a main log that was named itself, if it shows totals there. */
async function siteAbove(log: string): Promise<LogSource | undefined> {
  const above = /^(?!.*\/books\/)(.*\/)log\/?$/.exec(log)?.[1];
  if (above === undefined) return undefined;
  const site = siteSource(above);
  try {
    return (await readShownTotals(site)).length > 0 ? site : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

export interface Keys {
  readonly keys: VerifierKey[];
  /** Where the log's key was found when the user gave none. */
  readonly foundAt: string | undefined;
  /** It was found in the very file that is checked with it. */
  readonly inFile?: true;
  /** How the log proved keys that came after those that the user gave; they are among `keys`. */
  readonly followed?: readonly FollowedRotation[];
}

/**
 * The keys that the user gave, each a vkey or a file of them, with those that the log proves to have come after them; or else those that the log
 * names itself. The log's own witness key, which only says when, is always taken from the log.
 * @param brought keys, as text, in the file that is to be checked: used when no key was given and no log named
 * @throws UsageError when there is none
 */
export async function chooseKeys(
  given: readonly string[],
  log: LogSource | undefined,
  brought?: { file: string; keys: string },
): Promise<Keys> {
  const named = (await Promise.all(given.map(readKeys))).flat();
  const found = log ? await readFoundKeys(log) : [];
  if (named.length === 0) {
    if (found.length === 0) {
      if (log)
        throw new UsageError(
          `${log.name} has no vkey: name the key with --key`,
          `${log.name} 没有 vkey：请用 --key 指定公钥`,
        );
      const own = brought ? locate(`${brought.file} keys`, () => parseVerifierKeys(brought.keys)) : [];
      if (brought && own.length > 0) return { keys: own, foundAt: brought.file, inFile: true };
      throw new UsageError(
        'name the key of the log with --key, or where the log is',
        '请用 --key 指定日志的公钥，或指定日志所在',
      );
    }
    return { keys: found, foundAt: `${log?.name}vkey` };
  }
  const witnesses = found.filter(
    ({ algorithm, name }) => algorithm === 4 && named.some((key) => name.startsWith(key.name)),
  );
  const followed = log ? followRotations(named, await readRotations(log)) : [];
  return { keys: [...named, ...followed.map(({ to }) => to), ...witnesses], foundAt: undefined, followed };
}

async function readRotations(log: LogSource): Promise<Rotation[]> {
  const bytes = await log.read('rotations', maxNoteBytes);
  return bytes ? locate(`${log.name}rotations`, () => parseRotations(new TextDecoder().decode(bytes))) : [];
}

/** A vkey or a file of them. @throws UsageError when it is neither */
async function readKeys(given: string): Promise<VerifierKey[]> {
  let notKey: Failure;
  try {
    return [parseVerifierKey(given)];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notKey = error;
  }
  try {
    const keys = parseVerifierKeys(await readInput(given));
    if (keys.length > 0) return keys;
  } catch (error) {
    if (error instanceof Unreachable) {
      const { en, zh } = notKey.said;
      throw new UsageError(
        `--key ${given} is neither a verifier key (${en}) nor a file that can be read`,
        `--key ${given} 既不是验证公钥（${zh}），也不是可读的文件`,
      );
    }
    if (!(error instanceof Failure)) throw error;
  }
  throw new UsageError(
    `--key ${given}: the file is not one of verifier keys`,
    `--key ${given}：该文件不是验证公钥文件`,
  );
}

async function readFoundKeys(log: LogSource): Promise<VerifierKey[]> {
  // With its witness's key where the log names it; a log of other software may have the one key only.
  const bytes = (await log.read('vkeys', maxNoteBytes)) ?? (await log.read('vkey', maxNoteBytes));
  return bytes ? locate(`${log.name}vkey`, () => parseVerifierKeys(new TextDecoder().decode(bytes))) : [];
}

/** Says which key it is, and plainly so when nobody gave it. */
export function sayKeys({ keys, foundAt, inFile, followed = [] }: Keys, printer: Printer): void {
  for (const key of keys.filter(({ algorithm }) => algorithm === 1)) {
    const mark = `${shortFingerprint(key)}  (SHA-256 ${fingerprint(key)})`;
    printer.line({ en: `  key ${key.name}  ${mark}`, zh: `  公钥 ${key.name}  ${mark}` });
  }
  for (const { from, to, index } of followed) {
    const [old, next] = [shortFingerprint(from), shortFingerprint(to)];
    printer.line({
      en: `  key ${next} follows ${old}: entry ${index} announces it, in a checkpoint that the old key signed`,
      zh: `  公钥 ${next} 接替 ${old}：条目 ${index} 公告了它，且载于旧密钥签名的检查点`,
    });
  }
  if (foundAt === undefined) return;
  if (inFile) {
    printer.line({
      en: '  You named no key. This one came with the file itself: anyone can put any key there, so it proves nothing about whose log this is. Compare the fingerprint with one that you had from elsewhere, or pass --key.',
      zh: '  您没有指定公钥。此公钥就在文件之中，任何人都可以放上任何公钥，因此它不能证明这是谁的日志。请与您从别处得到的指纹核对，或用 --key 指定。',
    });
    return;
  }
  printer.line({
    en: `  You named no key. This one was found at ${foundAt}: whoever runs that place could have put any key there. Compare the fingerprint with one that you had from elsewhere, or pass --key.`,
    zh: `  您没有指定公钥。此公钥取自 ${foundAt}，掌管该处的人可以放上任何公钥。请与您从别处得到的指纹核对，或用 --key 指定。`,
  });
}

/** For JSON. */
export function keysAnswer({ keys, foundAt, inFile, followed = [] }: Keys): object {
  return {
    given: foundAt === undefined,
    ...(foundAt === undefined ? {} : { foundAt }),
    ...(inFile ? { inFile } : {}),
    ...(followed.length > 0 ? { announced: followed.map(({ to, index }) => ({ index, key: fingerprint(to) })) } : {}),
    keys: keys.map((key) => ({ vkey: formatVerifierKey(key), fingerprint: fingerprint(key) })),
  };
}
