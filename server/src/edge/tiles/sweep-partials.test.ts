import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fsck } from '#books/log';
import { failOnce } from '../../../../test/support/failing-world.ts';
import { connect, newLogBook } from '../../../../test/support/log-book.ts';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { keepPartialsMs, sweepPartials } from './index.ts';

const database = await freshDatabase();
const entries = (count: number) => Array.from({ length: count }, (_, i) => `{"entry":${i}}`);

async function grownLog() {
  const log = await newLogBook(database);
  const integrator = log.integrator();
  for (const count of [10, 290, 300, 65_000, 100]) {
    await log.commit(entries(count));
    await integrator.pass();
  }
  await integrator.close();
  return log;
}

test('partial tiles go ten minutes after the full one, and the others stay', async () => {
  const log = await grownLog();
  const has = (path: string) => existsSync(join(log.folder, path));
  const partials = [
    'tile/0/000.p/10',
    'tile/entries/000.p/10',
    'tile/0/001.p/44',
    'tile/1/000.p/2',
    'tile/entries/002.p/88',
  ];
  const now = Date.now();
  assert.ok(partials.every(has));
  assert.equal(await sweepPartials(log.folder, 65_700, now + keepPartialsMs - 60_000), 0);
  assert.ok(partials.every(has));
  await sweepPartials(log.folder, 65_700, now + keepPartialsMs + 1000);
  assert.deepEqual(partials.filter(has), []);
  assert.ok(['tile/0/256.p/164', 'tile/entries/256.p/164', 'tile/2/000.p/1', 'tile/0/000'].every(has));
  const client = await connect(database);
  const keys = [log.keys.log.verifier];
  const report = await fsck({ book: log.book, files: log.files(), client, keys }).finally(() => client.end());
  assert.deepEqual(report.problems, []);
});

test('a young full tile keeps its partial ones, and a later sweep comes back for them', async () => {
  const log = await grownLog();
  const old = new Date(Date.now() - 2 * keepPartialsMs);
  for (const path of ['tile/0/001', 'tile/entries/001']) await utimes(join(log.folder, path), old, old);
  assert.equal(await sweepPartials(log.folder, 65_700, Date.now()), 2);
  assert.ok(!existsSync(join(log.folder, 'tile/0/001.p')));
  assert.ok(existsSync(join(log.folder, 'tile/0/000.p')));
  assert.deepEqual(JSON.parse(await readFile(join(log.folder, '.swept'), 'utf8')), { entries: 0, 0: 0, 1: 0 });
  assert.ok((await sweepPartials(log.folder, 65_700, Date.now() + keepPartialsMs + 1000)) >= 5);
  assert.equal(await sweepPartials(log.folder, 65_700, Date.now() + keepPartialsMs + 1000), 0);
});

test('a sweep that fails, or forgot how far it came, is made good by the next', async () => {
  const log = await grownLog();
  const later = Date.now() + keepPartialsMs + 1000;
  for (const when of ['before', 'after'] as const) {
    await assert.rejects(sweepPartials(log.folder, 65_700, later, failOnce('partial.sweep', when, 2)));
  }
  await sweepPartials(log.folder, 65_700, later);
  assert.ok(!existsSync(join(log.folder, 'tile/0/002.p')));
  await rm(join(log.folder, '.swept'));
  assert.equal(await sweepPartials(log.folder, 65_700, later), 0);
});
