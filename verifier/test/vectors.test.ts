/** The golden vectors as any reader would use them, and that they are what this code makes. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  apportion,
  audit,
  type EntryError,
  followRotations,
  giftAmount,
  keptAfterReturns,
  leafHash,
  parseEntry,
  parseGiftExtra,
  parseRotations,
  parseTlogProof,
  parseVerifierKey,
  parseVerifierKeys,
  price,
  readState,
  returnedPrice,
  scanGift,
  splitGift,
  takeBack,
  toHex,
  utf8,
  verifyGiftProof,
  verifyPromise,
} from '../src/index.ts';
import { folderSource } from '../src/node/folder-source.ts';
import { makeVectors } from './vectors.ts';

const folder = join(import.meta.dirname, '../../docs/formats/vectors');
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const big = (texts: string[]) => texts.map(BigInt);

test('the files are what the code makes', async () => {
  for (const [path, content] of await makeVectors()) {
    if (content instanceof Uint8Array) assert.ok(readFileSync(join(folder, path)).equals(content), path);
    else assert.deepEqual(json(path), JSON.parse(JSON.stringify(content)), path);
  }
});

test('every valid entry is read and hashes as said; every invalid one is refused by its rule and member', () => {
  const { valid, invalid } = json('entries.json');
  for (const { kind, entry, leafHash: hash } of valid) {
    assert.equal(parseEntry(entry).kind, kind);
    assert.equal(toHex(leafHash(utf8(entry))), hash);
    assert.equal(createHash('sha256').update(`\0${entry}`).digest('hex'), hash);
  }
  for (const { why, entry, rule, member } of invalid) {
    assert.equal(scanGift(utf8(entry)), null, why);
    assert.throws(
      () => parseEntry(entry),
      (error: EntryError) => error.rule === rule && error.member === member,
      why,
    );
  }
});

test('amounts come out as written', () => {
  const { apportion: apportioned, price: prices, gift, kept, split, takeBack: taken } = json('amounts.json');
  for (const { total, weights, parts } of apportioned)
    assert.deepEqual(apportion(BigInt(total), big(weights)), big(parts));
  for (const { line, base, price: expected } of prices) assert.equal(price(line, base), BigInt(expected));
  for (const { rule, price: of, quantity, amount } of gift)
    assert.equal(giftAmount(rule, BigInt(of), quantity), BigInt(amount));
  for (const row of kept) {
    const [given, of, paid, back] = big([row.given, row.price, row.paid, row.returnedPaid]) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    assert.equal(returnedPrice(of, paid, back), BigInt(row.returnedPrice));
    assert.equal(keptAfterReturns(given, of, BigInt(row.returnedPrice)), BigInt(row.kept));
  }
  for (const { weights, before, amount, parts } of split)
    assert.deepEqual(splitGift(big(weights), BigInt(before), BigInt(amount)), big(parts));
  for (const { moves, before, after, parts } of taken)
    assert.deepEqual(takeBack(big(moves), BigInt(before), BigInt(after)), big(parts));
});

test('seals are SHA-256 of salt and text, salts HMAC-SHA256 of the id', () => {
  for (const { id, key, salt, text, seal } of Object.values(json('seals.json')) as Record<string, string>[]) {
    const made = createHmac('sha256', key as string)
      .update(id as string)
      .digest();
    assert.equal(made.toString('base64url'), salt);
    assert.equal(
      createHash('sha256')
        .update(made)
        .update(text as string)
        .digest('base64url'),
      seal,
    );
  }
});

test('the small log passes its audit, with its gift proofs and its promise', async () => {
  const expected = json('log.json');
  const keys = [parseVerifierKey(expected.key), parseVerifierKey(expected.witness)];
  const { replay } = await audit(folderSource(join(folder, 'log')), { keys });
  assert.equal(replay.size, expected.size);
  assert.deepEqual(
    replay.accounts().map((account) => ({ in: account.in, out: account.out })),
    expected.accounts,
  );
  const { givenMinor, returnedMinor, gifts } = expected.totals.CNY;
  assert.deepEqual(replay.totals().get('CNY'), {
    given: BigInt(givenMinor),
    returned: BigInt(returnedMinor),
    gifts: BigInt(gifts),
  });
  const proof = verifyGiftProof(read('gift.tlog-proof'), keys);
  assert.deepEqual(
    [proof.ok, proof.gift?.id, proof.gift?.given, proof.gift?.returned],
    [true, `main-${expected.gift}`, 20, 7],
  );
  const opened = verifyGiftProof(read('gift-opened.tlog-proof'), keys);
  assert.deepEqual([opened.ok, opened.order?.order], [true, 'A1001']);
  const brought = read('gift-with-keys.tlog-proof');
  assert.deepEqual(parseVerifierKeys(parseGiftExtra(parseTlogProof(brought).extra).keys ?? ''), keys);
  assert.equal(verifyGiftProof(brought, keys).ok, true);
  assert.equal(verifyGiftProof(brought, []).ok, false, 'keys that a file brings along are no reason to believe it');
  assert.equal(verifyPromise(read('promise'), keys).by, '2026-11-18T08:01:00Z');
});

test('the close commits to its state, and the rotation leads from the key of the log to the next', () => {
  const { at, entry } = json('close.json');
  const { lines, root } = JSON.parse(entry);
  const state = readFileSync(join(folder, 'close.state'));
  const leaves = read('close.state').trim().split('\n');
  assert.equal(leaves.length, lines);
  const node = (side: Buffer[]): Buffer => {
    if (side.length === 1) return sha256(Buffer.from([0]), side[0] as Buffer);
    let left = 1;
    while (left * 2 < side.length) left *= 2;
    return sha256(Buffer.from([1]), node(side.slice(0, left)), node(side.slice(left)));
  };
  assert.equal(node(leaves.map((line) => Buffer.from(line))).toString('base64url'), root);
  assert.equal(readState(state).start, at);
  const keys = parseVerifierKeys(read('log/vkey'));
  assert.equal(followRotations(keys, parseRotations(read('rotations'))).length, 1);
});

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}
