import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { long } from '../test/support/draw.ts';

const results = await mkdtemp(join(tmpdir(), 'rivulet-results-'));
after(() => rm(results, { recursive: true, force: true }));

async function bench(...args: string[]): Promise<{ stdout: string; last: Record<string, unknown> }> {
  const small = ['--events', '4000', '--rows', '500', '--seconds', '1', '--runs', '1', '--results', results];
  const { PATH = '', HOME = '' } = process.env;
  const command = [join(import.meta.dirname, 'main.ts'), ...args, ...small];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { PATH, HOME } });
  return { stdout, last: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') };
}

test('a short run ends with one line of figures, audited, and leaves its results', { timeout: 180_000 }, async () => {
  const { stdout, last } = await bench('ingest', 'single');
  assert.equal(last.name, 'intake');
  assert.equal(last.auditPassed, true);
  const figures = [
    'giftsPerSecond',
    'baselinePerSecond',
    'setBasedPerSecond',
    'ratio',
    'p99Ms',
    'bytesPerGift',
    'oneEventPerSecond',
  ];
  for (const figure of figures) assert.ok(Number(last[figure]) > 0, figure);
  assert.match(stdout, /rivulet-verify audit: passed/);
  assert.deepEqual((await readdir(results)).sort(), ['ingest.json', 'single.json']);
  const { command, figures: kept } = JSON.parse(await readFile(join(results, 'ingest.json'), 'utf8'));
  assert.match(command, /^npm run bench -- ingest single --events 4000/);
  assert.ok(Math.abs(kept.giftsPerSecond.median / Number(last.giftsPerSecond) - 1) < 0.001);
});

const skip = long ? false : 'RIVULET_LONG=1 runs every part once';
test('every part runs in miniature and passes its audit', { skip, timeout: 600_000 }, async () => {
  const parts = ['sparse', 'overload', 'audit', 'stream', 'growth', 'soak'];
  const { last } = await bench(...parts, '--rows-at', '0.01,0.02', '--clients', '50', '--minutes', '0.1');
  assert.deepEqual([last.auditPassed, last.parts], [true, parts]);
});
