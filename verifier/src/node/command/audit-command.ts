/** `rivulet-verify audit`: the whole log, with progress, and what was checked and how fast. */
import { basename } from 'node:path';
import { type AuditReport, audit } from '../../audit/audit.ts';
import { readText } from '../../audit/find-log.ts';
import type { NamedNote } from '../../audit/trust.ts';
import { toBase64 } from '../../bytes.ts';
import { closesPath, maxStateBytes, statePath } from '../../close/state-file.ts';
import type { Total } from '../../replay/giving.ts';
import { type LogSource, Unreachable } from '../../tlog/source.ts';
import { type Command, exit } from './command.ts';
import { chooseKeys, type Keys, keysAnswer, openLog, readBytes, readInput, sayKeys } from './inputs.ts';
import { ProgressBar } from './progress-bar.ts';
import { sayReport } from './say-audit.ts';

export const auditCommand: Command = async ([named = ''], options, printer) => {
  const { log, site } = await openLog(named);
  const keys = await chooseKeys(options.key, log);
  printer.line({ en: `Auditing ${log.name}`, zh: `正在审计 ${log.name}` });
  sayKeys(keys, printer);
  const bar = new ProgressBar(printer.terminal);
  const start = performance.now();
  let report: AuditReport;
  try {
    report = await audit(log, {
      keys: keys.keys,
      ...(options.since === undefined ? {} : { since: await readSince(options.since, log) }),
      seen: [...(await Promise.all(options.seen.map(readNote))), ...handovers(keys)],
      ...(options.checkpoint === undefined ? {} : { checkpoint: await readNote(options.checkpoint) }),
      ...(site ? { site } : {}),
      onProgress: (progress) => bar.show(progress),
    });
  } finally {
    bar.clear();
  }
  const seconds = (performance.now() - start) / 1000;
  sayReport(report, seconds, printer);
  printer.answer({ ok: true, exit: exit.ok, log: log.name, ...keysAnswer(keys), ...answer(report), seconds });
  return exit.ok;
};

/** A state by its file; by the entry that its close is at, or `last`, from the log. */
async function readSince(since: string, log: LogSource): Promise<{ name: string; state: Uint8Array }> {
  if (since !== 'last' && !/^[0-9]+$/.test(since)) return { name: basename(since), state: await readBytes(since) };
  const listed = since === 'last' ? (await readText(log, closesPath)).trim().split('\n').at(-1) : since;
  const name = statePath(Number(listed));
  const state = await log.read(name, maxStateBytes);
  if (state) return { name, state };
  throw new Unreachable(`${log.name}${name}`, 'there is no such file');
}

/** The checkpoints that carried belief from key to key must be of the history that is audited. */
function handovers({ followed = [] }: Keys): NamedNote[] {
  return followed.map(({ index, checkpoint }) => ({ name: `rotations (${index})`, note: checkpoint.note }));
}

async function readNote(path: string): Promise<NamedNote> {
  return { name: basename(path), note: await readInput(path) };
}

function answer({
  checkpoint,
  newest,
  replay,
  bytes,
  tiles,
  seen,
  shown,
  notShown,
  longestChain,
}: AuditReport): object {
  const totals = (of: ReadonlyMap<string, Total>) =>
    Object.fromEntries(
      [...of].map(([asset, { given, returned, gifts }]) => [
        asset,
        { givenMinor: given, returnedMinor: returned, gifts },
      ]),
    );
  const of = ({ origin, size, root, time }: AuditReport['newest']) => ({ origin, size, root: toBase64(root), time });
  return {
    checkpoint: of(checkpoint),
    newest: of(newest),
    purpose: replay.opened?.purpose,
    since: replay.start,
    closes: [...replay.closes].map(([at, index]) => ({ at, index })),
    entries: Object.fromEntries(replay.counts),
    accounts: replay.accounts().length,
    moves: replay.positions.moves.count,
    reversals: replay.positions.backs,
    longestChain,
    waiting: Object.fromEntries(replay.positions.waiting.totals()),
    assets: totals(replay.totals()),
    recipients: Object.fromEntries([...replay.recipientTotals()].map(([id, of]) => [id, totals(of)])),
    tiles,
    bytes,
    seen,
    compared: shown,
    notCompared: notShown,
  };
}
