/** A file of real orders through the HTTP API of a real server, twice; what it comes to is worked out here again, by other means. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { RivuletClient } from '@rivulet/client';
import { readMapping } from '../../client/src/replay/mapping.ts';
import { replay } from '../../client/src/replay/replay.ts';
import type { Tally } from '../../client/src/replay/tally.ts';
import { freePort } from '../support/free-port.ts';
import { runRivulet, type SpawnedServer, spawnServer } from '../support/server.ts';
import { shared, skipWithout } from '../support/shared.ts';

const journey = 'data/orders/complete-journey.csv.gz';
const repository = join(import.meta.dirname, '../..');
const fixture = join(import.meta.dirname, 'fixtures/corner-shops');
const dataFolder = await mkdtemp(join(tmpdir(), 'rivulet-replay-'));
let server: SpawnedServer;
let client: RivuletClient;

before(async () => {
  server = await spawnServer({ dataFolder });
  client = new RivuletClient({
    url: server.url,
    key: (await runRivulet(['key', 'new', '--operator'], { dataFolder })).trim(),
  });
});

after(async () => {
  await server?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const execute = promisify(execFile);

async function bothAudits(): Promise<void> {
  await runRivulet(['audit'], { dataFolder });
  await execute(process.execPath, [join(repository, 'verifier/bin/rivulet-verify.js'), 'audit', `${server.url}/log`]);
}

async function run(file: string, mapping: string): Promise<Tally> {
  return replay({ client, file, mapping: readMapping(await readFile(mapping, 'utf8')) });
}

/** Totals true at a checkpoint that covers everything accepted so far. */
async function totals(): ReturnType<RivuletClient['recipientTotals']> {
  for (let tries = 0; tries < 100; tries += 1) {
    const verdicts = await client.checkPromises();
    assert.ok(verdicts.every(({ verdict }) => verdict !== 'broken'));
    if (verdicts.every(({ verdict }) => verdict === 'kept')) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return client.recipientTotals();
}

const counts = (map: ReadonlyMap<string, unknown>) => Object.fromEntries(map);

test('a small file with the oddities of real ones makes the gifts worked out by hand', async () => {
  const send = () => run(`${fixture}.csv`, `${fixture}.json`);
  const first = await send();
  const ignored = { no_pledge: 1, rounds_to_zero: 1 };
  const refused = {
    'too_small (quantity)': 1,
    'too_small (paid)': 1,
    'not_whole_minor_units (paid) *': 2,
    'empty (merchant) *': 1,
    'not_a_time (placedAt) *': 1,
    'columns *': 1,
  };
  assert.equal(first.read, 15);
  assert.deepEqual(counts(first.created), { CNY: { lines: 6, minor: 40n + 60n + 3n + 1n + 40n + 20n } });
  assert.deepEqual([counts(first.ignored), counts(first.refused)], [ignored, refused]);
  const { recipients } = await totals();
  const given = recipients.map(({ name, assets }) => [name.zh, assets.CNY?.givenMinor]);
  assert.deepEqual(
    given.sort(),
    [
      ['云杉小学午餐', '103'],
      ['种树', '61'],
    ].sort(),
  );

  const second = await send();
  assert.deepEqual([second.created.size, counts(second.duplicate)], [0, counts(first.created)]);
  assert.deepEqual([counts(second.ignored), counts(second.refused)], [ignored, refused]);
  assert.deepEqual((await totals()).recipients, recipients);
  await bothAudits();
});

test('75,000 real order lines give what the file itself says, and a second run not one cent more', {
  skip: skipWithout(journey),
}, async () => {
  const file = shared(journey) as string;
  const mapping = join(repository, 'client/src/replay/mappings/complete-journey.json');
  const expected = workedOut(gunzipSync(await readFile(file)).toString(), JSON.parse(await readFile(mapping, 'utf8')));
  const first = await run(file, mapping);
  assert.equal(first.read, 75_000);
  assert.deepEqual(counts(first.created), { USD: { lines: expected.gifts, minor: BigInt(expected.cents) } });
  assert.equal(first.lines.created + first.lines.ignored + first.lines.refused, 75_000);
  assert.equal(first.refused.get('not_whole_minor_units (paid) *'), 1);
  assert.equal(first.refused.get('empty (merchant) *'), 222);
  const before = await totals();
  const usd = before.recipients.map(({ assets }) => assets.USD);
  const sum = (of: (asset: NonNullable<(typeof usd)[number]>) => string) =>
    usd.reduce((all, asset) => all + BigInt(asset === undefined ? 0 : of(asset)), 0n);
  assert.equal(
    sum((asset) => asset.givenMinor),
    BigInt(expected.cents),
  );
  assert.equal((await client.totals()).assets.USD?.givenMinor, String(expected.cents));
  assert.equal((await client.totals()).assets.USD?.gifts, String(expected.gifts));

  const second = await run(file, mapping);
  assert.deepEqual([second.created.size, counts(second.duplicate)], [0, counts(first.created)]);
  assert.deepEqual((await totals()).recipients, before.recipients);
  await bothAudits();
});

test('the command starts a server and makes a key when there is neither, and ends both', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rivulet-replay-alone-'));
  const port = String(await freePort());
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, RIVULET_DATA: folder, PORT: port, LANG: 'zh_CN.UTF-8' };
  const command = [join(repository, 'client/src/replay/main.ts'), `${fixture}.csv`, '--mapping', `${fixture}.json`];
  const { stdout } = await execute(process.execPath, command, { env });
  for (const line of [
    /^读入行数 +15$/m,
    /^ {2}CNY +6 +1\.64$/m,
    /^ {2}not_whole_minor_units \(paid\) \* +2$/m,
    /：1 \/ 1。/,
  ]) {
    assert.match(stdout, line);
  }
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  const keys = (await runRivulet(['key', 'list'], { dataFolder: folder })).trim().split('\n');
  assert.deepEqual([keys.length, keys[0]?.includes('revoked')], [1, true]);
  await rm(folder, { recursive: true, force: true });
});

/** Straight from the file: whole cents by rounding a float that must already be whole, the pledge by the rule of docs/operating/replay.md. */
function workedOut(csv: string, { pledges }: { pledges: { spread: Kind[] } }): { gifts: number; cents: number } {
  let gifts = 0;
  let cents = 0;
  for (const line of csv.trim().split('\n').slice(1)) {
    const [, , , , maker = '', , , units, value] = line.split(',');
    const price = Math.round(Number(value) * 100);
    if (maker === '' || Number(units) < 1 || Math.abs(price - Number(value) * 100) > 1e-9 || value?.includes('e'))
      continue;
    const place = BigInt(`0x${createHash('sha256').update(maker).digest('hex').slice(0, 12)}`) % 100n;
    const kind = pledges.spread.flatMap((kind) => Array<Kind>(kind.share).fill(kind))[Number(place)] as Kind;
    const fixed = (kind.fixedMinor ?? 0) * (kind.per === 'unit' ? Number(units) : 1);
    const gift = kind.basisPoints ? Math.floor((price * kind.basisPoints + 5_000) / 10_000) : Math.min(price, fixed);
    if (gift > 0) gifts += 1;
    cents += gift;
  }
  return { gifts, cents };
}

interface Kind {
  share: number;
  basisPoints?: number;
  fixedMinor?: number;
  per?: 'line' | 'unit';
}
