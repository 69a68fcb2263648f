/** `npm run bench`: a server of its own, load, the peer before and after it, and an audit without which no figure is printed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startCluster } from '#edge/postgres';
import { makeKey, startServer } from '../client/src/replay/server.ts';
import { freePort } from '../test/support/free-port.ts';
import { audits } from './audits.ts';
import { mean, runBaseline } from './baseline.ts';
import { environmentOf } from './environment.ts';
import { size } from './market.ts';
import { type BenchOptions, measureLoad } from './measure.ts';
import { report, summary } from './report.ts';
import { seeded, zipf } from './skew.ts';

const defaults = { seconds: '20', events: '600000', concurrency: '6', rows: '5000', seed: '1' };

/** @throws Error that names the option */
function readOptions(): BenchOptions {
  const option = (name: keyof typeof defaults) => ({ type: 'string', default: defaults[name] }) as const;
  const { values } = parseArgs({
    options: {
      seconds: option('seconds'),
      events: option('events'),
      concurrency: option('concurrency'),
      rows: option('rows'),
      seed: option('seed'),
    },
  });
  const number = (name: keyof typeof defaults, most: number) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`--${name} is 1 to ${most}`);
    return value;
  };
  return {
    seconds: number('seconds', 3_600),
    events: number('events', 20_000_000),
    concurrency: number('concurrency', 1_000),
    rows: number('rows', 10_000),
    seed: number('seed', 2 ** 31),
  };
}

async function run(options: BenchOptions): Promise<boolean> {
  const say = (text: string) => console.error(`bench: ${text}`);
  const data = await mkdtemp(join(tmpdir(), 'rivulet-bench-'));
  const port = await freePort();
  // One key sends everything here: the limit that protects a server of many is out of the way.
  const own = { RIVULET_DATA: data, PORT: String(port), RIVULET_REQUESTS_PER_KEY: '1000000' };
  const environment: NodeJS.ProcessEnv = { ...process.env, ...own };
  delete environment.DATABASE_URL;
  const server = await startServer(`http://127.0.0.1:${port}`, environment);
  try {
    const { key } = await makeKey(environment);
    const cluster = await startCluster({ folder: join(data, 'postgres') });
    const database = new pg.Client(cluster.address('superuser', 'rivulet'));
    await database.connect();
    const where = await environmentOf(database, data);
    const peer = () => {
      const chance = seeded(options.seed);
      say('the peer: one transaction per gift');
      return runBaseline(
        cluster.address('superuser', 'postgres'),
        Math.min(2, options.seconds),
        zipf(size.merchants, 1, chance),
        zipf(size.projects, 1.1, chance),
      );
    };
    const first = await peer();
    const pids = { server: server.pid ?? 0, postmaster: cluster.pid };
    const load = await measureLoad({ options, url: server.url, key, database, log: join(data, 'log/main'), pids, say });
    const baseline = mean(first, await peer());
    await database.end();
    say('auditing');
    const audited = await audits(server.url, environment);
    const measured = { options, environment: where, ...load, baseline, audits: audited };
    console.log(audited.passed ? report(measured) : audited.lines.join('\n'));
    console.log(summary(audited.passed ? measured : null));
    return audited.passed;
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

process.exitCode = (await run(readOptions())) ? 0 : 1;
