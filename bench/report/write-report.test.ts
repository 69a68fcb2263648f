import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partNames } from '../options.ts';
import { readResults } from '../results.ts';
import { readProfile } from './profile.ts';
import { makeReport } from './write-report.ts';

const results = join(import.meta.dirname, '../results');
const docs = join(import.meta.dirname, '../../docs');

test('what is not measured is said to be, with the command that measures it', () => {
  const { page, plots } = makeReport({}, null);
  assert.deepEqual(plots, {});
  for (const part of ['ingest', 'single', 'sparse', 'overload', 'growth', 'audit', 'stream', 'soak'])
    assert.match(page, new RegExp(`Not measured yet: \`npm run bench -- ${part}`));
});

test('a finer profile, once there is one, is a table with its sum', async () => {
  const found = await readResults(results, partNames);
  if (found.ingest === undefined) return;
  const steps = [
    { step: 'parse', where: 'main thread', microseconds: 1.5 },
    { step: 'hash', where: 'integration', microseconds: 2.5 },
  ];
  const { page } = makeReport(found, { how: 'By hand.', commit: 'abc', steps });
  assert.match(page, /\| together \| {2}\| 4 \|/);
});

/** Of a run of somebody's own, which the page is not made of. */
function otherResults(): string | false {
  try {
    const changed = execFileSync('git', ['status', '--porcelain', '--ignored', '--', results], { encoding: 'utf8' });
    const kept = execFileSync('git', ['ls-files', '--', results], { encoding: 'utf8' });
    return changed === '' && kept !== '' ? false : 'there are other results here than those that the repository keeps';
  } catch {
    return 'there is no git here to say which results the repository keeps';
  }
}

test('docs/performance.md is what bench/results make of it', { skip: otherResults() }, async () => {
  const { page, plots } = makeReport(await readResults(results, partNames), await readProfile(results));
  assert.equal(readFileSync(join(docs, 'performance.md'), 'utf8'), page);
  for (const [name, svg] of Object.entries(plots))
    assert.equal(readFileSync(join(docs, 'performance', `${name}.svg`), 'utf8'), svg);
});
