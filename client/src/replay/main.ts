/** `npm run replay`: reads its arguments and environment, finds or starts the server, prints. The sending is in replay.ts. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PromiseVerdict } from '../log/log-watch.ts';
import { RivuletClient } from '../rivulet-client.ts';
import { type Mapping, MappingFault, readMapping } from './mapping.ts';
import { isJsonLines } from './read-file.ts';
import { replay } from './replay.ts';
import { grouped, tableOf } from './report.ts';
import { answers, makeKey, NoServer, NotStarted, type RunKey, type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { wordsFor } from './words.ts';

const words = wordsFor(process.env);

/** Ends the command with a sentence for its user instead of a stack. */
class Stop extends Error {}

function readArguments() {
  const options = {
    url: { type: 'string' },
    key: { type: 'string' },
    mapping: { type: 'string' },
    'in-flight': { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${words.usage}`);
  }
}

/** The mapping named, or the shipped one with the file's name; null for NDJSON. */
async function mappingFor(file: string, named: string | undefined): Promise<Mapping | null> {
  if (named === undefined && isJsonLines(file)) return null;
  const shipped = join(import.meta.dirname, 'mappings', `${basename(file).replace(/\.csv(\.gz)?$/, '')}.json`);
  const path = named === undefined ? shipped : fromCaller(named);
  if (named === undefined && !existsSync(shipped)) throw new Stop(words.noMapping(basename(file)));
  try {
    return readMapping(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Stop(words.badMapping(path, (error as Error).message));
  }
}

/** npm runs scripts in the package's folder and says where its caller was. */
function fromCaller(path: string): string {
  const here = resolve(path);
  return existsSync(here) ? here : resolve(process.env.INIT_CWD ?? '.', path);
}

async function serverFor(named: string | undefined): Promise<Server> {
  const url = (named ?? `http://127.0.0.1:${process.env.PORT || 4800}`).replace(/\/+$/, '');
  if (named !== undefined || (await answers(url))) return { url, ours: false, stop: async () => {} };
  console.error(words.starting);
  // The port is said, so that a server that cannot have it says so instead of taking another.
  return startServer(url, { ...process.env, PORT: new URL(url).port });
}

async function keyFor(url: string, named: string | undefined): Promise<RunKey> {
  const key = named ?? process.env.RIVULET_KEY;
  if (key !== undefined && key !== '') return { key, revoke: async () => {} };
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) throw new Stop(words.noKey);
  return makeKey(process.env);
}

/** One line that is written over on a terminal, a line every five seconds elsewhere. */
function progressLine(start: number): (tally: Tally) => void {
  let last = start;
  return (tally) => {
    const now = performance.now();
    const { created } = tally.lines;
    const text = words.progress(
      grouped(tally.read),
      grouped(created),
      grouped(Math.round((tally.read / (now - start)) * 1_000)),
    );
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    else if (now - last > 5_000) {
      last = now;
      console.error(text);
    }
  };
}

/** Waits up to ten seconds for the log to publish what it promised. */
async function seenKept(client: RivuletClient): Promise<{ kept: number; all: number; broken: PromiseVerdict[] }> {
  let kept = 0;
  for (let tries = 0; ; tries += 1) {
    const verdicts = await client.checkPromises();
    kept += verdicts.filter(({ verdict }) => verdict === 'kept').length;
    const broken = verdicts.filter(({ verdict }) => verdict === 'broken');
    const open = verdicts.filter(({ verdict }) => verdict !== 'kept').length;
    if (open === 0 || broken.length > 0 || tries >= 20) return { kept, all: kept + open, broken };
    await pause(500);
  }
}

async function send(
  file: string,
  mapping: Mapping | null,
  server: Server,
  key: string,
  inFlight: number,
): Promise<boolean> {
  const client = new RivuletClient({ url: server.url, key });
  console.error(words.sendingTo(basename(file), server.url));
  const start = performance.now();
  const tally = await replay({ client, file, mapping, inFlight, progress: progressLine(start) });
  const seconds = (performance.now() - start) / 1_000;
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const scales = new Map(mapping === null ? [] : [[mapping.currency, mapping.scale]]);
  console.log(tableOf(tally, seconds, words, scales));
  if (client.retries > 0) console.log(words.retries(client.retries));
  const { kept, all, broken } = await seenKept(client);
  console.log(`\n${words.promises(kept, all)}`);
  for (const verdict of broken)
    if (verdict.verdict === 'broken') console.log(`${words.broken}\n\n${verdict.promise}\n${verdict.checkpoint}`);
  console.log(`${server.ours ? words.auditLater : words.audit}\n  npx rivulet-verify audit ${server.url}/log`);
  return broken.length === 0;
}

async function run(): Promise<boolean> {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(words.usage);
    return true;
  }
  if (positionals[0] === undefined) throw new Stop(`${words.noFile}\n\n${words.usage}`);
  const file = fromCaller(positionals[0]);
  const mapping = await mappingFor(file, values.mapping);
  const server = await serverFor(values.url);
  try {
    const key = await keyFor(server.url, values.key);
    try {
      return await send(file, mapping, server, key.key, Math.max(1, Number(values['in-flight']) || 3));
    } finally {
      await key.revoke();
    }
  } finally {
    await server.stop();
  }
}

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (error instanceof NoServer) console.error(words.noServer);
  else if (error instanceof NotStarted) console.error(words.stopped(error.message));
  else if (error instanceof Stop || error instanceof MappingFault) console.error(error.message);
  else console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
