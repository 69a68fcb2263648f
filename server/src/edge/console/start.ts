/** `npm start`: runs the server until it is told to stop. */
import { join } from 'node:path';
import { type Demo, startDemo } from '#edge/demo';
import { type RunningServer, type ServerSettings, startServer } from './server.ts';
import { tell } from './telemetry.ts';

export interface StartOptions {
  readonly demo: boolean;
  readonly version: string;
}

/** Resolves when the server has stopped cleanly. @returns exit code */
export async function start(settings: ServerSettings, { demo, version }: StartOptions): Promise<number> {
  let bug: unknown = null;
  const stopped = waitForSignal();
  const onBug = (error: unknown) => {
    bug = error;
    stopped.now('a bug of ours; not going on from an unknown state');
  };
  tell('Rivulet is starting');
  const server = await startServer(settings, { tell, onBug, demo, version, pages: true });
  const running = demo ? await openDemo(server, settings) : null;
  if (!demo) await sayHowToBegin(server);
  tell(`Rivulet is at ${server.url}`);
  const why = await stopped.promise;
  tell(`Rivulet is stopping (${why})`);
  await running?.stop();
  await server.stop();
  tell('Rivulet has stopped');
  if (bug !== null) server.installation.telemetry.fatal({ err: bug }, 'bug');
  return bug === null ? 0 : 70;
}

/** Null when it cannot run, which is no reason not to serve: another process writes the books, or the data was refused. */
async function openDemo({ installation, url }: RunningServer, { dataFolder }: ServerSettings): Promise<Demo | null> {
  const { books, keys, telemetry } = installation;
  if (books.some(({ writer }) => writer.state !== 'leading')) return null;
  const report = (error: unknown) => telemetry.warn({ err: error }, 'demo');
  const secretsFolder = join(dataFolder, 'secrets');
  return await startDemo({ url, keys, secretsFolder, tell, report }).catch((error: unknown) => {
    telemetry.error({ err: error }, 'the demo did not start');
    return null;
  });
}

/** npm passes on what the terminal or a process group has sent us already, so the same signal arrives twice within milliseconds. */
const sameSignalMs = 1_000;

/** Resolves at SIGTERM or SIGINT. Another one later ends the process at once: what was committed stays, the next start goes on from it. */
function waitForSignal(): { promise: Promise<string>; now(why: string): void } {
  let now: (why: string) => void = () => {};
  const promise = new Promise<string>((resolve) => {
    now = resolve;
  });
  let first = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (first > 0 && Date.now() - first > sameSignalMs) process.exit(1);
      first ||= Date.now();
      now(signal);
    });
  }
  return { promise, now: (why) => now(why) };
}

async function sayHowToBegin({ installation }: RunningServer): Promise<void> {
  const keys = await installation.keys.list();
  if (keys.some(({ revokedAt }) => revokedAt === null)) return;
  tell('No API key exists yet. In another terminal, in this folder:');
  tell('  npm run rivulet -- key new --operator                     a key that may do everything');
  tell('  npm run rivulet -- key new --source shop-1 --name "Shop"  a marketplace and its key (add --test to try out)');
}
