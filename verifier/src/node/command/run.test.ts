import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { origin, publicId, TestBook, TestKey } from '../../../test/book.ts';
import { fingerprint } from '../../proof/fingerprint.ts';
import type { Terminal } from '../terminal.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'rivulet-verify-'));
const at = (path: string) => join(folder, path);
const book = new TestBook();
const gifts: number[] = [];
let terms = 0;
let server: Server;
let site = '';

interface Said {
  code: number;
  out: string;
  err: string;
}

async function say(...argv: string[]): Promise<Said> {
  const said = { code: -1, out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    redraws: false,
    colours: false,
    language: 'en',
  };
  said.code = await run(argv, terminal);
  return said;
}

function write(files: ReadonlyMap<string, Uint8Array | string>, below: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(at(join(below, path))), { recursive: true });
    writeFileSync(at(join(below, path)), bytes);
  }
}

before(async () => {
  terms = book.terms(book.market([publicId('a')]));
  for (let i = 0; i < 600; i++) gifts.push(book.gift(terms, 3));
  const related = [0, 2, 4, 5, 6, 7, terms];
  const [early, late] = [500, 550].map((size) => book.files(size).get('checkpoint') as Uint8Array);
  const other = new TestBook();
  other.terms(other.market([publicId('a')]));
  for (let i = 0; i < 600; i++) other.gift(terms, 4);
  const files = book.files();
  write(files, 'log');
  write(
    new Map<string, Uint8Array | string>([
      ['early', early as Uint8Array],
      ['late', late as Uint8Array],
      ['forked', other.files(500).get('checkpoint') as Uint8Array],
      ['gift.tlog-proof', await book.proof(gifts[0] as number, related)],
      ['spoilt.tlog-proof', (await book.proof(gifts[0] as number, related)).replace(/index \d+/, 'index 11')],
      [
        'kept.json',
        JSON.stringify({ results: [], book: 'main', promise: book.promise(400, 420, '2026-11-18T08:00:30Z') }),
      ],
      ['broken', book.signed(book.promise(605, 999, '2026-11-18T08:00:30Z').split('\n\n')[0]?.concat('\n') ?? '')],
      ['early-broken', book.promise(600, 700, '2026-12-18T08:00:30Z')],
      ['waiting', book.promise(600, 700, '2099-11-18T08:00:30Z')],
      ['vkey', `${book.logKey.vkey}\n`],
    ]),
    '.',
  );
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/log\//, '');
    const bytes = request.url?.startsWith('/log/') ? files.get(path) : undefined;
    const given = { givenMinor: '1800', returnedMinor: '0', gifts: '600' };
    if (bytes) response.end(bytes);
    else if (request.url === '/v1/totals')
      response.end(JSON.stringify({ asOf: { logSize: book.entries.length }, assets: { CNY: given } }));
    else response.writeHead(404).end('<html>no</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('audit passes over HTTP and from a folder, and says what it checked', async () => {
  const overHttp = await say('audit', site, '--seen', at('early'), at('late'));
  assert.equal(overHttp.code, 0, overHttp.out);
  assert.match(overHttp.out, /609 entries and 4 tiles make the signed root/);
  assert.match(overHttp.out, /given CNY 18.00 in 600 gifts/);
  assert.match(overHttp.out, /\/v1\/totals says the same at 609 entries/);
  assert.match(overHttp.out, /You named no key\. This one was found at .*vkey/);
  assert.match(overHttp.out, /early is of the same history\n.*late is/);
  assert.match((await say('audit', `${site}/log/`)).out, /\/v1\/totals says the same/);
  const fromFolder = await say('audit', at('log'), '--key', at('vkey'), '--checkpoint', at('late'), '--lang', 'zh');
  assert.equal(fromFolder.code, 0, fromFolder.out);
  assert.match(fromFolder.out, /550 个条目/);
  assert.match(fromFolder.out, /未比较公开总额/);
  assert.doesNotMatch(fromFolder.out, /没有指定公钥/);
});

test('audit begins at a close: by its state file, its entry, or the last', async () => {
  const closed = new TestBook();
  const terms = closed.terms(closed.market([publicId('a')]));
  for (let i = 0; i < 700; i++) closed.gift(terms, 3);
  const { at: place, state } = closed.close('2026-12-01T00:00:00Z');
  for (let i = 0; i < 50; i++) closed.gift(terms, 3);
  write(closed.files(), 'closed');
  write(
    new Map<string, Uint8Array | string>([
      [`close/${place}`, state],
      ['closes', `12\n${place}\n`],
    ]),
    'closed',
  );
  for (const since of ['last', String(place), at(`closed/close/${place}`)]) {
    const said = await say('audit', at('closed'), '--key', closed.logKey.vkey, '--since', since);
    assert.equal(said.code, 0, said.out);
    assert.match(said.out, /begun at entry 709, with the state that entry 710 closes the books with/);
    assert.match(said.out, /52 entries and 2 tiles make the signed root/);
    assert.match(said.out, /given CNY 22.50 in 750 gifts/);
  }
  const whole = await say('audit', at('closed'), '--lang', 'zh');
  assert.match(whole.out, /结账 1 次，余额均与重放所得一致：条目 709/);
  assert.equal((await say('audit', at('closed'), '--since', '12')).code, 3, 'there is no such state');
  assert.equal((await say('audit', at('closed'), '--since', at('early'))).code, 1, 'no state at all');
  assert.equal((await say('audit', at('log'), '--since', 'last')).code, 3, 'a log without closes');
});

test('audit names a fork, an unknown key, a spoilt file, and exits 1', async () => {
  const fork = await say('audit', site, '--seen', at('forked'));
  assert.equal(fork.code, 1);
  assert.match(fork.out, /✗ forked: .*two histories.*\[log\.fork\]/);
  const key = await say('audit', site, '--key', new TestKey('example.org/log', 1, 'other').vkey, '--json');
  assert.equal(key.code, 1);
  assert.equal(JSON.parse(key.out).failure.rule, 'note.unsigned');
  const files = new Map([...book.files()].map(([path, bytes]) => [path, Uint8Array.from(bytes)]));
  files.get('tile/entries/001')?.set([0x58], 77);
  write(files, 'spoilt');
  const spoilt = await say('audit', at('spoilt'), '--lang', 'zh');
  assert.equal(spoilt.code, 1);
  assert.match(spoilt.out, /✗ tile\/entries\/001：条目 256 与已签名的树不符 \[bundle\.differs\]/);
});

test('proof holds with the key given, or found at the site and said so; and not when spoilt', async () => {
  const given = await say('proof', at('gift.tlog-proof'), '--key', book.logKey.vkey);
  assert.equal(given.code, 0, given.out);
  assert.match(given.out, /gave CNY 0.03/);
  const found = await say('proof', at('gift.tlog-proof'), '--url', site);
  assert.equal(found.code, 0, found.out);
  assert.match(found.out, /now 609 records, still contains/);
  assert.match(found.out, /You named no key/);
  const json = JSON.parse((await say('proof', at('gift.tlog-proof'), '--url', `${site}/log`, '--json')).out);
  assert.deepEqual([json.ok, json.exit, json.given, json.gift.given, json.steps.length], [true, 0, false, 3, 6]);
  write(book.files(500), 'rolled-back');
  const back = await say('proof', at('gift.tlog-proof'), '--url', at('rolled-back'));
  assert.equal(back.code, 1, 'the log shows less than the proof');
  assert.match(back.out, /✗ you have seen a larger checkpoint \(609\); this log shows only 500/);
  const spoilt = await say('proof', at('spoilt.tlog-proof'), '--key', book.logKey.vkey);
  assert.equal(spoilt.code, 1);
  assert.match(spoilt.out, /does NOT hold/);
  assert.equal((await say('proof', at('gift.tlog-proof'))).code, 2, 'no key, no site');
});

test('a proof that brings its key along is checked with it, and nobody is told whose log it is', async () => {
  const related = [0, 2, 4, 5, 6, 7, terms];
  const other = new TestKey('example.org/log', 1, 'other');
  const keys = `${other.vkey}\n${book.vkeys}`;
  const file = await book.proof(gifts[0] as number, related, undefined, { keys });
  const strange = await book.proof(gifts[0] as number, related, undefined, { keys: `${other.vkey}\n` });
  const garbled = await book.proof(gifts[0] as number, related, undefined, { keys: 'key\n' });
  write(new Map(Object.entries({ file, strange, garbled })), 'keys');
  const said = await say('proof', at('keys/file'));
  assert.equal(said.code, 0, said.out);
  assert.match(said.out, /came with the file itself.*proves nothing about whose log.*Compare the fingerprint/);
  assert.ok(said.out.includes(fingerprint(book.logKey.key)) && !said.out.includes(fingerprint(other.key)));
  assert.match(said.out, /The proof holds under the key that came with it\./);
  assert.match((await say('proof', at('keys/file'), '--lang', 'zh')).out, /不能证明这是谁的日志.*\n.*自带的公钥/);
  const json = JSON.parse((await say('proof', at('keys/file'), '--json')).out);
  assert.deepEqual([json.ok, json.given, json.inFile, json.keys.length], [true, false, true, 1]);
  assert.equal((await say('proof', at('keys/strange'))).code, 1, 'the key in the file did not sign');
  assert.equal((await say('proof', at('keys/garbled'))).code, 1);
  const held = await say('proof', at('keys/strange'), '--key', book.logKey.vkey);
  assert.equal(held.code, 0, 'keys in the file are not looked at when one was given');
  assert.doesNotMatch(held.out, /came with/);
  assert.equal((await say('proof', at('keys/file'), '--key', other.vkey)).code, 1);
  assert.equal((await say('proof', at('keys/strange'), '--url', site)).code, 0, 'nor when the log has one');
});

test('after a rotation the old key alone follows what the log proves, and without that the answer says what is missing', async () => {
  const rotated = new TestBook();
  const gift = rotated.gift(rotated.terms(rotated.market([publicId('a')])), 3);
  const [old, next, third] = [
    rotated.logKey,
    new TestKey('example.org/log', 1, 'next'),
    new TestKey(origin, 1, 'third'),
  ];
  const early = rotated.files().get('checkpoint') as Uint8Array;
  const promise = rotated.promise(3, 6, '2026-11-18T08:00:30Z');
  const before = await rotated.proof(gift, [0, 2, 4, 5, 6, 7, 8]);
  const rotations = [await rotated.rotate(next), await rotated.rotate(third)];
  const covering = rotations[0]?.checkpoint ?? '';
  const proof = await rotated.proof(gift, [0, 2, 4, 5, 6, 7, 8], undefined, { rotations });
  const files: Map<string, Uint8Array | string> = rotated.files();
  const newest = files.get('checkpoint') as Uint8Array;
  files.set('vkeys', `${third.vkey}\n${rotated.witnessKey.vkey}\n${old.vkey}\n${next.vkey}\n`);
  write(files, 'unproved');
  write(files, 'rotated');
  write(new Map([['rotations', rotations.map((one) => `${JSON.stringify(one)}\n`).join('')]]), 'rotated');
  write(new Map([['rotations', `${JSON.stringify({ ...rotations[0], index: 3 })}\n`]]), 'forged');
  write(files, 'forged');
  const kept = { early, covering, before, proof, newest, promise };
  write(new Map<string, Uint8Array | string>(Object.entries(kept)), 'rotation');
  const ways = (log: string) => [
    ['proof', at('rotation/before'), '--url', log],
    ['consistency', at('rotation/early'), at('rotation/newest'), '--log', log],
    ['audit', log, '--seen', at('rotation/early')],
    ['promise', at('rotation/promise'), log],
  ];
  for (const argv of ways(at('rotated'))) {
    const said = await say(...argv, '--key', old.vkey);
    assert.equal(said.code, 0, said.out);
    assert.match(said.out, /follows .*: entry 10 announces it, in a checkpoint that the old key signed/);
    assert.equal(said.out.match(/ follows /g)?.length, 2, said.out);
    assert.equal((await say(...argv, '--key', old.vkey, '--key', third.vkey)).code, 0);
  }
  for (const argv of ways(at('unproved'))) {
    const said = await say(...argv, '--key', old.vkey);
    assert.equal(said.code, 1, argv[0]);
    const ids = [third, old].map(({ vkey }) => vkey.split('+')[1]);
    const expected = `signed by key id ${ids[0]}, which is not the one named (${ids[1]}) nor shown to follow from it; if the log has rotated its key, name both`;
    assert.ok(said.out.includes(expected), said.out);
    const listed = await say(...argv);
    assert.equal(listed.code, 0, listed.out);
    assert.ok([third, next, old].every(({ key }) => listed.out.includes(fingerprint(key))));
  }
  for (const argv of ways(at('forged'))) {
    assert.match((await say(...argv, '--key', old.vkey)).out, /rotations \(3\).*\[rotation\.proof\]/);
  }
  const offline = await say('proof', at('rotation/proof'), '--key', old.vkey);
  assert.equal(offline.code, 0, offline.out);
  assert.match(offline.out, /announced in record 12, under the key before it/);
  const seen = ['--seen', at('rotation/covering')];
  const one = await say('audit', at('unproved'), '--key', old.vkey, ...seen);
  assert.equal(one.code, 1, 'a kept checkpoint carries over one rotation, not two');
});

test('a mistyped key is wrong usage', async () => {
  const typo = book.logKey.vkey.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  for (const key of [typo, 'example.org/log', at('nothing'), at('early'), folder]) {
    const said = await say('proof', at('gift.tlog-proof'), '--key', key);
    assert.equal(said.code, 2, key);
    assert.match(said.err, /neither a verifier key .* nor a file that can be read|file is not one of verifier keys/);
  }
  const said = await say('audit', site, '--key', typo);
  assert.equal(said.code, 2);
  assert.match(said.err, /does not fit its own id/);
});

test('consistency of two checkpoints', async () => {
  const good = await say('consistency', at('early'), at('late'), '--log', site);
  assert.equal(good.code, 0, good.out);
  assert.equal((await say('consistency', at('early'), at('early'), '--key', book.logKey.vkey)).code, 0);
  assert.equal((await say('consistency', at('early'), at('forked'), '--key', book.logKey.vkey)).code, 1);
  assert.equal((await say('consistency', at('forked'), at('late'), '--log', at('log'))).code, 1);
  for (const more of [
    ['--log', site],
    ['--key', book.logKey.vkey],
  ]) {
    const back = await say('consistency', at('late'), at('early'), ...more);
    assert.equal(back.code, 1, 'a smaller one after a larger');
    assert.match(
      back.out,
      /early: you have seen a larger checkpoint \(550\); this log shows only 500: it was rolled back/,
    );
  }
  assert.equal(
    (await say('consistency', at('early'), at('late'), '--key', book.logKey.vkey)).code,
    2,
    'tiles are needed',
  );
});

test('a promise is kept, waits, or is broken with its proof printed', async () => {
  assert.equal((await say('promise', at('kept.json'), site)).code, 0);
  const waiting = await say('promise', at('waiting'), site);
  assert.equal(waiting.code, 4, waiting.out);
  const broken = await say('promise', at('broken'), site);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /BROKEN.*rivulet-promise\/v1.*\n609\n/s);
  const json = JSON.parse((await say('promise', at('broken'), site, '--json')).out);
  assert.deepEqual([json.state, json.exit, Object.keys(json.evidence)], ['broken', 1, ['promise', 'checkpoint']]);
});

test('wrong usage exits 2, what cannot be read 3', async () => {
  for (const argv of [
    [],
    ['sing'],
    ['audit'],
    ['audit', site, '--url', site],
    ['audit', site, '--lang', 'fr'],
    ['proof', '--nope'],
  ]) {
    assert.equal((await say(...argv)).code, 2, argv.join(' '));
  }
  assert.equal((await say('--help')).code, 0);
  assert.equal((await say('proof', at('nothing'), '--key', book.logKey.vkey)).code, 3);
  assert.equal((await say('audit', at('nothing'))).code, 3);
  assert.equal((await say('audit', 'http://127.0.0.1:1')).code, 3);
});

test('a name in the log cannot steer the terminal', async () => {
  const evil = new TestBook();
  const market = evil.market([publicId('a')]);
  evil.say('giving.merchant', { merchant: market.merchant, name: { en: '\u001b[2J\u202egood' }, source: 'shop-1' });
  const gift = evil.gift(evil.terms(market), 3);
  write(new Map([['evil', await evil.proof(gift, [0, 2, 4, 5, 6, 7, 8, 9])]]), '.');
  const said = await say('proof', at('evil'), '--key', evil.logKey.vkey);
  assert.equal(said.code, 0, said.out);
  assert.ok(!said.out.includes('\u001b') && !said.out.includes('\u202e') && said.out.includes('[2J'));
});

test('the launcher runs under this Node and hands on the exit code', () => {
  const launcher = new URL('../../../bin/rivulet-verify.js', import.meta.url).pathname;
  const start = (...argv: string[]) => spawnSync(process.execPath, [launcher, ...argv], { encoding: 'utf8' });
  assert.equal(start('proof', at('gift.tlog-proof'), '--key', book.logKey.vkey).status, 0);
  assert.equal(start('proof', at('spoilt.tlog-proof'), '--key', book.logKey.vkey).status, 1);
  assert.match(start('--help').stdout, /rivulet-verify audit/);
});
