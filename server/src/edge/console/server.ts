/** The running server: an installation, its routes, its housekeeping. */
import type { Health } from '@rivulet/client/contract';
import type { FastifyInstance } from 'fastify';
import { Fault } from '#base/fault';
import type { IntegrationState } from '#books/log';
import { addGivingRoutes, addRegistryRoutes, type Intake } from '#domains/giving';
import { demoSource } from '#edge/demo';
import { buildApp, newRegistry, type Rates } from '#edge/http';
import { serveLog } from '#edge/tiles';
import { web } from '#edge/web';
import { addBookMetrics } from './book-metrics.ts';
import { startHousekeeping } from './housekeeping/housekeeping.ts';
import { type Installation, type InstallationSettings, type OpenOptions, openInstallation } from './installation.ts';
import { exchangeKey } from './log-key-command.ts';
import type { OpenBook } from './open-books.ts';
import { leaveNote, takeNoteBack } from './reach-server.ts';

export interface ServerSettings extends InstallationSettings {
  readonly host: string;
  /** Null: the usual port, or a free one when that is taken. */
  readonly port: number | null;
  readonly trustProxy: string | null;
  readonly rates: Rates;
}

export interface ServerOptions extends OpenOptions {
  /** Whether the pages should say that figures are demo data. */
  readonly demo: boolean;
  readonly version: string;
  /** Serve the public pages; they are built when stale, which takes seconds. */
  readonly pages: boolean;
}

export interface RunningServer {
  readonly url: string;
  readonly installation: Installation;
  /** Answers what was accepted, then closes everything in order. */
  stop(): Promise<void>;
}

const usualPort = 4800;
/** A checkpoint is renewed every few seconds; one older than this means that signing does not go on. */
const signedLatelySeconds = 15;

export async function startServer(settings: ServerSettings, options: ServerOptions): Promise<RunningServer> {
  const installation = await openInstallation(settings, options);
  try {
    const app = await newApp(settings, installation, options);
    await installation.settled();
    const url = await listen(app, settings);
    const housekeeping = startHousekeeping(installation);
    for (const book of installation.books) void exchangeInBackground(book, installation, settings.dataFolder);
    await leaveNote(settings.dataFolder, { pid: process.pid, url });
    return {
      url,
      installation,
      async stop() {
        await takeNoteBack(settings.dataFolder);
        await housekeeping.stop();
        await app.close();
        await installation.close();
      },
    };
  } catch (error) {
    await installation.close();
    throw error;
  }
}

async function newApp(
  { rates, trustProxy }: ServerSettings,
  installation: Installation,
  { demo, version, pages }: ServerOptions,
): Promise<FastifyInstance> {
  const { keys, telemetry } = installation;
  const metrics = newRegistry();
  addBookMetrics(metrics, installation.books);
  const app = await buildApp({
    identify: (key) => keys.verify(key),
    health: () => lookAtHealth(installation),
    metrics,
    rates,
    version,
    logger: telemetry,
    ...(trustProxy !== null && { trustProxy }),
  });
  addRegistryRoutes(app, installation);
  addGivingRoutes(app, installation);
  await app.register(serveLog, { logs: installation.books.map(({ log }) => log.served), main: 'main' });
  // Demo data stays in the totals when a later start goes on without the demo, and the pages must go on saying so.
  const hasDemo = () => demo || installation.books[0]?.registry.catalogue.source(demoSource) !== undefined;
  if (pages) await app.register(web, { demo: hasDemo });
  return app;
}

/** It waits for the log to publish, which may take long; the server serves meanwhile. What fails is tried again at the next start. */
async function exchangeInBackground(book: OpenBook, { database, telemetry }: Installation, dataFolder: string) {
  if (book.writer.state !== 'leading') return;
  await exchangeKey(book, database, dataFolder).catch((error: unknown) => {
    const level = error instanceof Fault ? 'info' : 'error';
    telemetry[level]({ err: error, book: book.book.book }, 'the key of the log was not exchanged');
  });
}

/** The port asked for, or the usual one, or when that is taken and nobody asked, a free one. */
async function listen(app: FastifyInstance, { host, port }: ServerSettings): Promise<string> {
  await app.ready();
  try {
    await app.listen({ host, port: port ?? usualPort });
  } catch (error) {
    if (port !== null || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await app.listen({ host, port: 0 });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : usualPort;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${bound}`;
}

async function lookAtHealth({ pool, books }: Installation): Promise<Health> {
  const answers = await Promise.race([
    pool.query('select 1').then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, 3_000, false).unref()),
  ]);
  const states = books.map(({ book, log, intake }) => ({
    book: book.book,
    size: log.state.size,
    behind: log.behind().entries,
    signedSecondsAgo: log.signedSecondsAgo(),
    ...problemOf(log.state, intake.lost),
  }));
  const signed = states.every(
    ({ signedSecondsAgo }) => signedSecondsAgo !== null && signedSecondsAgo < signedLatelySeconds,
  );
  return { status: answers && signed ? 'ok' : 'failing', database: answers ? 'ok' : 'failing', books: states };
}

function problemOf({ condition, detail }: IntegrationState, lost: Intake['lost']): { problem?: string } {
  if (condition === 'stopped') return { problem: detail ?? 'stopped' };
  if (!lost.isOpen) return {};
  const { gifts, returns } = lost.count;
  return {
    problem: `rescued: takes nothing new until ${gifts} gifts and ${returns} returns are sent again and matched`,
  };
}
