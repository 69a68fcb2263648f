import assert from 'node:assert/strict';
import { test } from 'node:test';
import { origin, publicId, sourceOf, TestBook, TestKey } from '../../test/book.ts';
import { utf8 } from '../bytes.ts';
import { tilePath } from '../tlog/tile.ts';
import { type AuditOptions, audit } from './audit.ts';
import { findLog } from './find-log.ts';

type Files = Map<string, Uint8Array>;

/** 1,200 entries: five bundles, with returns among the gifts. */
function bigBook(): TestBook {
  const book = new TestBook();
  const market = book.market([publicId('a'), publicId('b')]);
  const terms = book.terms(market);
  while (book.entries.length < 1200) {
    const gift = book.gift(terms, 2 + (book.entries.length % 9));
    if (gift % 40 === 0) book.return(gift, 1);
    if (gift % 300 === 0) book.say('log.tick', { time: `2026-11-18T08:00:${10 + gift / 100}Z` });
  }
  return book;
}

const book = bigBook();
const keys = [book.logKey.key, book.witnessKey.key];
const note = (of: TestBook, size: number, time?: number) =>
  new TextDecoder().decode(of.files(size, time).get('checkpoint'));
const run = (files: Files, options: Partial<AuditOptions> = {}) => audit(sourceOf(files), { keys, ...options });

function totalsAt(size: number): Record<string, string> {
  const gifts = book.entries
    .slice(0, size)
    .map((entry) => JSON.parse(entry))
    .filter(({ kind }) => kind === 'giving.gift');
  const returns = book.entries
    .slice(0, size)
    .map((entry) => JSON.parse(entry))
    .filter(({ kind }) => kind === 'giving.return');
  const sum = (rows: number[][][]) => rows.flat().reduce((total, row) => total + (row[2] as number), 0);
  return {
    givenMinor: String(sum(gifts.map(({ move }) => move))),
    returnedMinor: String(sum(returns.map(({ declare }) => declare))),
    gifts: String(gifts.length),
  };
}

test('a good log passes, with what was checked', async () => {
  const progress: number[] = [];
  const report = await run(book.files(), { onProgress: ({ done }) => progress.push(done) });
  assert.equal(report.replay.size, book.entries.length);
  assert.equal(report.checkpoint.size, book.entries.length);
  assert.equal(progress.length, 5);
  assert.equal(report.tiles, 6);
  assert.ok(report.longestChain >= 0);
});

test('an audit goes exactly to the named checkpoint, and holds it to the newest and to those seen', async () => {
  const seen = [10, 256, 700, 1199].map((size) => ({ name: `kept ${size}`, note: note(book, size) }));
  const report = await run(book.files(), { checkpoint: { name: 'named', note: note(book, 700) }, seen });
  assert.equal(report.replay.size, 700);
  assert.equal(report.newest.size, book.entries.length);
  assert.deepEqual(
    report.seen,
    seen.map(({ name }) => name),
  );
});

test('a checkpoint of another history is named as the proof of a fork', async () => {
  const other = bigBook();
  other.entries[500] = other.entries[500]?.replace('giving', 'living') as string;
  const seen = [{ name: 'kept.txt', note: note(other, 900) }];
  await assert.rejects(run(book.files(), { seen }), { rule: 'log.fork', where: 'kept.txt' });
  const forged = new TestKey(origin, 1, 'forged');
  const body = note(other, 900).split('\n\n')[0];
  const unsigned = { name: 'kept.txt', note: `${body}\n\n${forged.sign(`${body}\n`)}` };
  await assert.rejects(run(book.files(), { seen: [unsigned] }), { rule: 'note.unsigned', where: 'kept.txt' });
});

test('a log that shows less than it signed before is named', async () => {
  const files = book.files();
  files.set('checkpoint', book.files(700).get('checkpoint') as Uint8Array);
  for (const [path, bytes] of book.files(700)) if (!files.has(path)) files.set(path, bytes);
  const kept = { name: 'kept.txt', note: note(book, 1200) };
  const rollback = {
    rule: 'log.rollback',
    where: 'kept.txt',
    message: 'you have seen a larger checkpoint (1200); this log shows only 700: it was rolled back or is an old copy',
  };
  for (const copy of [files, book.files(700)]) {
    await assert.rejects(run(copy, { seen: [kept] }), rollback);
    await assert.rejects(run(copy, { checkpoint: kept }), rollback);
  }
});

test('a flipped bit in any bundle, tile or checkpoint is found and the file named', async () => {
  for (const path of book.files().keys()) {
    if (path === 'vkey') continue;
    const files = book.files();
    const bytes = new Uint8Array(files.get(path) as Uint8Array);
    bytes[100 % bytes.length] = (bytes[100 % bytes.length] as number) ^ 1;
    files.set(path, bytes);
    await assert.rejects(run(files), (error: { rule: string; where: string }) => {
      assert.ok(error.where.includes(path), `${path}: ${error.where} ${error.rule}`);
      return true;
    });
  }
});

test('a bit flipped in an entry names the bundle, in a tile names the tile, whichever of the two was signed', async () => {
  const flip = async (path: string, at: number, expected: object) => {
    const files = book.files();
    const bytes = new Uint8Array(files.get(path) as Uint8Array);
    bytes[at] = (bytes[at] as number) ^ 8;
    files.set(path, bytes);
    await assert.rejects(run(files), expected);
  };
  await flip('tile/entries/001', 60, { rule: 'bundle.differs', where: 'tile/entries/001', message: /entry 256 / });
  await flip('tile/entries/001', 0, { rule: 'bundle.framing', where: 'tile/entries/001' });
  await flip('tile/0/001', 33, { rule: 'tile.differs', where: 'tile/0/001' });
  await flip(tilePath('entries', 4, book.entries.length % 256), 60, { rule: 'bundle.differs' });
  await flip(tilePath(1, 0, 4), 70, { rule: 'tile.differs', where: 'tile/1/000.p/4' });
});

test('without leaf tiles every entry is held to the signed tree all the same', async () => {
  const files = book.files();
  files.delete('tile/0/001');
  const report = await run(files, { leafTiles: false });
  assert.equal(report.replay.size, book.entries.length);
  for (const path of ['tile/entries/001', tilePath('entries', 4, book.entries.length % 256), 'tile/1/000.p/4']) {
    const spoilt = book.files();
    const bytes = new Uint8Array(spoilt.get(path) as Uint8Array);
    bytes[60] = (bytes[60] as number) ^ 8;
    spoilt.set(path, bytes);
    await assert.rejects(run(spoilt, { leafTiles: false }), { where: new RegExp(path) });
  }
  const other = bigBook();
  other.entries[300] = other.entries[300]?.replace(/"terms":(\d+)/, '"terms":$1 ') as string;
  const agreeing = book.files();
  for (const path of ['tile/entries/001', 'tile/0/001']) agreeing.set(path, other.files().get(path) as Uint8Array);
  await assert.rejects(run(agreeing, { leafTiles: false }), { rule: 'bundle.differs', message: /neither it nor/ });
});

test('a missing or short file is named', async () => {
  for (const path of ['tile/entries/002', 'tile/0/003', 'tile/1/000.p/4']) {
    const files = book.files();
    files.delete(path);
    await assert.rejects(run(files), { rule: 'tile.missing', where: path });
  }
  const files = book.files();
  files.set('tile/0/003', (files.get('tile/0/003') as Uint8Array).slice(0, -1));
  await assert.rejects(run(files), { rule: 'tile.length', where: 'tile/0/003' });
  files.delete('checkpoint');
  await assert.rejects(run(files), { name: 'Unreachable' });
});

test('an entry that breaks a rule is named, though the whole tree is signed', async () => {
  const bad = bigBook();
  const index = bad.entries.findIndex((entry, i) => i > 600 && entry.includes('giving.gift'));
  bad.entries[index] = bad.entries[index]?.replace(/"terms":(\d+)/, '"terms":1') as string;
  await assert.rejects(run(bad.files()), { rule: 'terms.unknown', where: `entry ${index}` });
});

test('the public totals of the site are compared at their own size', async () => {
  const site = (size: number, change = {}) =>
    sourceOf(
      new Map([
        [
          'v1/totals',
          utf8(JSON.stringify({ asOf: { logSize: size }, assets: { CNY: { ...totalsAt(size), ...change } } })),
        ],
        [
          'v1/giving/totals',
          utf8(JSON.stringify({ asOf: { logSize: 0 }, recipients: [{ recipient: publicId('a'), assets: {} }] })),
        ],
      ]),
    );
  const report = await run(book.files(), { site: site(777) });
  assert.deepEqual(
    report.shown.map(({ logSize }) => logSize),
    [777, 0],
  );
  await assert.rejects(run(book.files(), { site: site(777, { gifts: '1' }) }), {
    rule: 'totals.differ',
    where: 'v1/totals',
  });
  await assert.rejects(run(book.files(), { site: site(777, { gifts: 1 }) }), {
    rule: 'entry.text',
    where: 'v1/totals',
  });
  const early = await run(book.files(), { site: site(777), checkpoint: { name: 'named', note: note(book, 700) } });
  assert.deepEqual(early.notShown, [{ path: 'v1/totals', logSize: 777 }]);
});

test('a new log key is believed once a checkpoint under the old one covers its announcement', async () => {
  const book = bigBook();
  const old = [book.logKey.key];
  const next = new TestKey(origin, 1, 'next');
  book.say('log.key', { key: next.vkey, role: 'log', state: 'active' });
  const covering = { name: 'kept.txt', note: note(book, book.entries.length) };
  const before = { name: 'kept.txt', note: note(book, book.entries.length - 1) };
  book.say('log.key', { key: book.logKey.vkey, role: 'log', state: 'retired' });
  const files = book.files();
  const body = `${note(book, book.entries.length).split('\n\n')[0]}\n`;
  files.set('checkpoint', utf8(`${body}\n${next.sign(body)}`));
  const report = await audit(sourceOf(files), { keys: old, seen: [covering] });
  assert.equal(report.newest.key.keyId, next.key.keyId);
  await assert.rejects(audit(sourceOf(files), { keys: old, seen: [before] }), { rule: 'note.unsigned' });
  await assert.rejects(audit(sourceOf(files), { keys: old }), { rule: 'note.unsigned' });
  await assert.rejects(audit(sourceOf(book.files()), { keys: old }), { rule: 'key.retired', where: 'checkpoint' });
});

test('a log is found by its own address and by that of its site', async () => {
  const site = new Map([...book.files()].map(([path, bytes]) => [`log/${path}`, bytes]));
  assert.equal((await findLog(sourceOf(site))).log.name, 'memory/log/');
  assert.equal((await findLog(sourceOf(book.files()))).site, undefined);
  await assert.rejects(findLog(sourceOf(new Map([['checkpoint', utf8('<html>')]]))), { name: 'Unreachable' });
});
