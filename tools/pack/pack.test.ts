import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { packAll } from './pack.ts';
import { publishedPackage } from './published-package.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const vectors = join(root, 'docs/formats/vectors');
const folder = await mkdtemp(join(tmpdir(), 'rivulet-pack-'));
const away = join(folder, 'away');
const modules = join(away, 'node_modules');
/** This Node, and another one if it is on the path: the oldest that is promised, for example. */
const nodes = [process.execPath];

after(() => rm(folder, { recursive: true, force: true }));

/** As npm would install the tarballs, without a registry. */
before(async () => {
  const tarballs = await packAll(join(folder, 'out'));
  for (const tarball of tarballs) {
    const name = /rivulet-([a-z]+)-/.exec(tarball.split('/').at(-1) ?? '')?.[1] ?? '';
    const place = join(modules, '@rivulet', name);
    await mkdir(place, { recursive: true });
    await run('tar', ['xzf', tarball, '-C', place, '--strip-components=1']);
  }
  for (const name of ['@noble', 'zod']) await symlink(join(root, 'node_modules', name), join(modules, name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((place) => !place.includes('node_modules'));
  for (const place of path) {
    const node = join(place, 'node');
    const version = await run(node, ['--version']).catch(() => null);
    if (version && Number(/^v(\d+)/.exec(version.stdout)?.[1]) >= 20) nodes.push(node);
  }
});

test('rivulet-verify runs from its tarball, in JavaScript', async () => {
  const command = join(modules, '@rivulet/verifier/bin/rivulet-verify.js');
  const key = (await readFile(join(vectors, 'log/vkey'), 'utf8')).split('\n')[0] as string;
  for (const node of nodes) {
    const proof = [command, 'proof', join(vectors, 'gift-opened.tlog-proof'), '--key', key];
    assert.match((await run(node, proof, { cwd: away })).stdout, /The proof holds\./);
    const audit = await run(node, [command, 'audit', join(vectors, 'log'), '--key', key, '--json'], { cwd: away });
    assert.equal(JSON.parse(audit.stdout).ok, true);
    await assert.rejects(run(node, [...proof.slice(0, -1), 'no key'], { cwd: away }), { code: 2 });
  }
});

test('the client is imported from plain JavaScript', async () => {
  await writeFile(
    join(away, 'use.mjs'),
    `import { RivuletClient, inMemory } from '@rivulet/client';
import { OrderEvent } from '@rivulet/client/contract';
import { inFolder } from '@rivulet/client/node';
import { verifyGiftProof } from '@rivulet/verifier';
const client = new RivuletClient({ url: 'http://127.0.0.1:1', key: 'k', memory: inMemory() });
console.log(typeof client.sendOrders, typeof inFolder, OrderEvent.safeParse({}).success, verifyGiftProof('', []).ok);
`,
  );
  for (const node of nodes) {
    assert.equal((await run(node, ['use.mjs'], { cwd: away })).stdout, 'function function false false\n');
  }
});

test('a stranger’s compiler finds the types', async () => {
  const file = join(away, 'use.ts');
  await writeFile(
    file,
    `import { RivuletClient, type OrdersAnswer } from '@rivulet/client';
import { verifyGiftProof, type GiftVerdict } from '@rivulet/verifier';
import { folderSource } from '@rivulet/verifier/node';
const client = new RivuletClient({ url: 'http://127.0.0.1:1', key: 'k' });
export const answer: Promise<OrdersAnswer> = client.sendOrders([]);
export const verdict: GiftVerdict = verifyGiftProof('', []);
export const name: string = folderSource('.').name;
// @ts-expect-error: a verdict is no number
export const wrong: number = verdict;
`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const how = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', '', file];
  await run(process.execPath, [tsc, ...how], { cwd: away });
});

test('a tarball holds built code and papers, no sources and no tests', async () => {
  for (const name of ['verifier', 'client']) {
    const files = await readdir(join(modules, '@rivulet', name), { recursive: true });
    assert.ok(files.includes('LICENSE') && files.includes('README.md'));
    const wrong = files.filter((file) => /(?<!\.d)\.ts$|\.test\.|^(src|test)|replay\/main/.test(file));
    assert.deepEqual(wrong, []);
  }
  await assert.rejects(access(join(modules, '@rivulet/client/dist/replay')), { code: 'ENOENT' });
});

test('an export that is not TypeScript below src/ is refused', () => {
  const workspace = { name: 'a', version: '1.0.0', exports: { '.': './lib/index.js' } };
  assert.throws(() => publishedPackage(workspace), /no TypeScript file below src/);
});
