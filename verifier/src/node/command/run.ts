/** The command line of `rivulet-verify`: arguments in, exit code out. Codes: verifier/README.md. */
import { parseArgs } from 'node:util';
import { Failure, type Said } from '../../failure.ts';
import { Unreachable } from '../../tlog/source.ts';
import type { Language, Terminal } from '../terminal.ts';
import { auditCommand } from './audit-command.ts';
import { type Command, exit, type Options } from './command.ts';
import { consistencyCommand } from './consistency-command.ts';
import { UsageError } from './inputs.ts';
import { failureAnswer, Printer } from './printer.ts';
import { promiseCommand } from './promise-command.ts';
import { proofCommand } from './proof-command.ts';
import { usage } from './usage.ts';

interface Known {
  run: Command;
  /** How many arguments it takes, and which options. */
  args: number;
  options: readonly (keyof Options)[];
}

const commands: Readonly<Record<string, Known>> = {
  proof: { run: proofCommand, args: 1, options: ['key', 'url'] },
  audit: { run: auditCommand, args: 1, options: ['key', 'seen', 'checkpoint', 'since'] },
  consistency: { run: consistencyCommand, args: 2, options: ['key', 'log'] },
  promise: { run: promiseCommand, args: 2, options: ['key'] },
};

export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let printer = new Printer(terminal, terminal.language, argv.includes('--json'));
  try {
    const { values, positionals } = parse(argv);
    printer = new Printer(terminal, readLanguage(values.lang) ?? terminal.language, values.json === true);
    const [name = '', ...args] = positionals;
    if (values.help || (name === '' && argv.length === 0)) {
      terminal.out(usage[printer.language]);
      return values.help ? exit.ok : exit.usage;
    }
    return await runCommand(name, args, values, printer);
  } catch (error) {
    return report(error, printer);
  }
}

function runCommand(
  name: string,
  args: readonly string[],
  { lang: _lang, json: _json, help: _help, ...given }: ReturnType<typeof parse>['values'],
  printer: Printer,
): Promise<number> {
  const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!known) throw new UsageError(`there is no command ${name}`, `没有命令 ${name}`);
  if (args.length !== known.args) {
    throw new UsageError(
      `${name} takes ${known.args} arguments, not ${args.length}`,
      `${name} 需要 ${known.args} 个参数`,
    );
  }
  const stranger = Object.keys(given).find((option) => !known.options.includes(option as keyof Options));
  if (stranger !== undefined)
    throw new UsageError(`${name} has no option --${stranger}`, `${name} 没有选项 --${stranger}`);
  return known.run(args, { ...given, key: given.key ?? [], seen: given.seen ?? [] }, printer);
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: spreadSeen(argv),
      allowPositionals: true,
      options: {
        key: { ...text, multiple: true },
        seen: { ...text, multiple: true },
        url: text,
        log: text,
        checkpoint: text,
        since: text,
        lang: text,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, `参数不对：${(error as Error).message}`);
  }
}

/** `--seen a b c` means `--seen a --seen b --seen c`. */
function spreadSeen(argv: readonly string[]): string[] {
  const spread: string[] = [];
  let seen = false;
  for (const arg of argv) {
    if (seen && !arg.startsWith('-') && spread.at(-1) !== '--seen') spread.push('--seen');
    else if (arg.startsWith('-')) seen = arg === '--seen';
    spread.push(arg);
  }
  return spread;
}

function readLanguage(lang: string | undefined): Language | undefined {
  if (lang === undefined || lang === 'en' || lang === 'zh') return lang;
  throw new UsageError(`--lang is en or zh, not ${lang}`, `--lang 应为 en 或 zh`);
}

function report(error: unknown, printer: Printer): number {
  if (!(error instanceof Failure)) throw error;
  const code = error instanceof UsageError ? exit.usage : error instanceof Unreachable ? exit.unreachable : exit.failed;
  printer.answer({ ok: false, exit: code, failure: failureAnswer(error) });
  if (code === exit.failed) {
    printer.failure(error);
    printer.line(verdicts.failed);
  } else if (!printer.json) {
    printer.aside(
      error.where === ''
        ? error.said
        : { en: `${error.where}: ${error.said.en}`, zh: `${error.where}：${error.said.zh}` },
    );
    if (code === exit.usage)
      printer.aside({ en: 'rivulet-verify --help says more', zh: '用法见 rivulet-verify --help' });
  }
  return code;
}

const verdicts: Record<'failed', Said> = {
  failed: { en: 'Verification FAILED.', zh: '验证未通过。' },
};
