/** The one entry: reads the environment and the command line, and hands over to edge/console. The only file that reads process.env. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Command, InvalidArgumentError } from 'commander';
import {
  audit,
  backUp,
  checkLogs,
  listKeys,
  migrateDatabase,
  newKeyOfLog,
  newOperatorKey,
  newSourceKey,
  rescue,
  restoreBackup,
  revokeKey,
  start,
} from '#edge/console';
import { readSettings } from './settings.ts';

// Bytes of buffers count towards V8's ordinary heap limit. Otherwise each 64 MB of them, a second's traffic, starts a mark of the whole heap: a fifth
// of all processor time under load.
setFlagsFromString('--external-memory-accounted-in-global-limit');

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const settings = () => readSettings(process.env);

const program = new Command('rivulet')
  .description('Every small gift made exactly once, and provable.')
  .version(version);

program
  .command('start')
  .description('run the server')
  .option('--no-demo', 'start without the demo marketplace')
  .action(async ({ demo }: { demo: boolean }) => {
    process.exitCode = await start(settings(), { demo, version });
  });

const key = program.command('key').description('API keys');
key
  .command('new')
  .description('make a key and print it, this once')
  .option('--operator', 'a key that may do everything')
  .option('--source <id>', 'a key of one marketplace, which is made if it does not exist')
  .option('--name <name>', 'name of a new source')
  .option('--zone <zone>', 'time zone of a new source', 'Asia/Shanghai')
  .option('--currency <codes>', 'currencies of a new source, comma-separated', (text) => text.split(','), ['CNY'])
  .option('--test', 'the new source is a test source: outside every public total', false)
  .option('--label <text>', 'a note for yourself', '')
  .option('--ttl <seconds>', 'the key ends after so long', positiveNumber)
  .action(async (options: NewKeyOptions) => {
    const { source, zone, currency, test, label, ttl = null } = options;
    if ((source === undefined) === !options.operator) throw new Error('say --operator, or --source ID');
    if (source === undefined) return await newOperatorKey(settings(), label, ttl);
    const made = { source, name: options.name ?? source, zone, currencies: currency, test };
    await newSourceKey(settings(), made, label, ttl, version);
  });
key
  .command('list')
  .description('all keys, without their secrets')
  .action(() => listKeys(settings()));
key
  .command('revoke <id>')
  .description('end a key')
  .action((id: string) => revokeKey(settings(), id));

program
  .command('audit')
  .description('check every rule of the books against the rows of the database')
  .action(async () => {
    process.exitCode = await audit(settings());
  });

program
  .command('fsck')
  .description('check every tile, bundle, checkpoint and row of the logs')
  .action(async () => {
    process.exitCode = await checkLogs(settings());
  });

program
  .command('log-key')
  .description('signing keys of the logs')
  .command('new [book]')
  .description('make the next signing key of a log; the next start announces it and changes over')
  .action((book = 'main') => newKeyOfLog(settings(), book));

program
  .command('book')
  .description('books')
  .command('rescue <book>')
  .description('bring back from the log what an older database has lost; with the server stopped')
  .option('--close', 'close the book for good at its published size instead', false)
  .action(async (book: string, { close }: { close: boolean }) => {
    process.exitCode = await rescue(settings(), book, close);
  });

program
  .command('migrate')
  .description('bring the database to the newest schema; with DATABASE_URL of its owner')
  .action(() => migrateDatabase(settings()));

program
  .command('backup <dir>')
  .description('back up the database and the log into an empty folder, also while the server runs')
  .option('--secrets <dir>', 'copy the secrets too, to another place than the backup')
  .action((dir: string, { secrets = null }: { secrets?: string | null }) => backUp(settings(), dir, secrets));

program
  .command('restore <dir>')
  .description('restore a backup into an empty installation')
  .option('--seen <file...>', 'checkpoints known to have been published last')
  .option('--nothing-since', 'you are certain that nothing was published after the backup', false)
  .option('--database-only', 'the files of the log survived: keep them', false)
  .option('--secrets <dir>', 'where the secrets were kept')
  .action((dir: string, options: { seen?: string[]; nothingSince: boolean; databaseOnly: boolean; secrets?: string }) =>
    restoreBackup(settings(), dir, { ...options, seen: options.seen ?? [], secrets: options.secrets ?? null }),
  );

interface NewKeyOptions {
  operator?: boolean;
  source?: string;
  name?: string;
  zone: string;
  currency: string[];
  test: boolean;
  label: string;
  ttl?: number;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('a whole number of seconds');
  return value;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
