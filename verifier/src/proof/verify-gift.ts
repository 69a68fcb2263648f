/**
 * A gift proof, checked offline as docs/formats/proofs.md says, in steps that a web page can show. Nothing is fetched and nothing in the file is
 * believed before it is proved: `says` and `keys` are not read at all.
 */
import { toBase64, toHex, utf8 } from '../bytes.ts';
import type { Entry } from '../entry/entry.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import { Failure, locate } from '../failure.ts';
import { leafHash, verifyInclusion } from '../tlog/merkle.ts';
import type { VerifierKey } from '../tlog/note.ts';
import { fingerprint } from './fingerprint.ts';
import { type GiftStatement, type ProvedEntries, sayAmount, sayGift, stateGift } from './gift-statement.ts';
import { amountByTerms, type OrderOpening, openSeal, type SealedText } from './opening.ts';
import { followRotations } from './rotation.ts';
import { type SignedCheckpoint, sayTime, verifyCheckpoint } from './signed-checkpoint.ts';
import { type Finding, type Step, Steps } from './step.ts';
import { decodeHash, type GiftProofExtra, parseGiftExtra, parseTlogProof, type TlogProof } from './tlog-proof.ts';

export type GiftStepName = 'read' | 'signature' | 'inclusion' | 'related' | 'gift' | 'opening' | 'amount';

export interface GiftVerdict {
  /** True when every step that the proof calls for was taken and is ok. */
  readonly ok: boolean;
  readonly steps: readonly Step<GiftStepName>[];
  /** Set once the signature is good. */
  readonly checkpoint?: SignedCheckpoint;
  /** Set once everything it says is proved. */
  readonly gift?: GiftStatement;
  /** Set when the file has an opening and it fits. */
  readonly order?: OrderOpening;
}

/** @param keys that the user trusts: the log's, and any witness's. @returns a verdict for every input; it never throws for a bad proof */
export function verifyGiftProof(file: string, keys: readonly VerifierKey[]): GiftVerdict {
  const steps = new Steps<GiftStepName>();
  const read = steps.take('read', () => readProof(file));
  const checkpoint = read && steps.take('signature', () => checkSignature(read, keys));
  const hash = checkpoint && steps.take('inclusion', () => checkInclusion(read, checkpoint));
  const entries = hash && steps.take('related', () => checkRelated(read, checkpoint));
  const gift = entries && steps.take('gift', () => checkGift(read.proof.index, entries));
  const sealed = read?.extra.opening;
  const order = gift && sealed && steps.take('opening', () => checkOpening(sealed, entries.get(gift.index)));
  if (order) steps.take('amount', () => checkAmount(order, gift));
  return {
    ok: steps.ok,
    steps: steps.list,
    ...(checkpoint ? { checkpoint } : {}),
    ...(gift ? { gift } : {}),
    ...(order && steps.ok ? { order } : {}),
  };
}

interface ReadProof {
  proof: TlogProof;
  extra: GiftProofExtra;
}

/** Is it a gift proof at all? */
export function readProof(file: string): [ReadProof, Finding] {
  const proof = parseTlogProof(file);
  const extra = parseGiftExtra(proof.extra);
  const said = {
    en: `The file proves record number ${proof.index} of a public log.`,
    zh: `此文件证明公开日志中的第 ${proof.index} 号记录。`,
  };
  return [
    { proof, extra },
    { said, evidence: { index: proof.index, entry: extra.entry } },
  ];
}

/** Did the log sign the state that the proof leads to, with a key that the user named or one announced under it? */
export function checkSignature({ proof, extra }: ReadProof, keys: readonly VerifierKey[]): [SignedCheckpoint, Finding] {
  const followed = followRotations(keys, extra.rotations ?? []);
  const believed = [...keys, ...followed.map(({ to }) => to)];
  const checkpoint = locate('checkpoint', () => verifyCheckpoint(proof.checkpoint, believed));
  const rotated = followed.find(({ to }) => to.keyId === checkpoint.key.keyId);
  const { origin, size, root, key, time } = checkpoint;
  const seen = time === undefined ? undefined : sayTime(time);
  const said = {
    en: `The log ${origin} signed its state at ${size} records${seen ? `, last seen at ${seen}` : ''}.${rotated ? ` Its key was announced in record ${rotated.index}, under the key before it.` : ''}`,
    zh: `日志 ${origin} 已为其 ${size} 条记录的状态签名${seen ? `，最近见证于 ${seen}` : ''}。${rotated ? `所用公钥已在第 ${rotated.index} 号记录中由前一把公钥公告。` : ''}`,
  };
  const evidence = {
    origin,
    size,
    root: toBase64(root),
    key: fingerprint(key),
    ...(seen ? { seen } : {}),
    ...(rotated ? { announced: rotated.index } : {}),
  };
  return [checkpoint, { said, evidence }];
}

/** Is the record in that state, at that place? */
export function checkInclusion({ proof, extra }: ReadProof, { size, root }: SignedCheckpoint): [Uint8Array, Finding] {
  const leaf = leafHash(utf8(extra.entry));
  if (!verifyInclusion(proof.index, size, leaf, proof.path, root)) {
    const en = `the record is not number ${proof.index} in the signed state`;
    throw new Failure('proof.inclusion', en, `该记录不是已签名状态中的第 ${proof.index} 号`, `entry ${proof.index}`);
  }
  const said = {
    en: `The record is in the log: ${proof.path.length} hashes lead from it to the signed state. Nobody can change it unnoticed.`,
    zh: `该记录在日志之中：由它经 ${proof.path.length} 个哈希得到已签名的状态，任何人都无法悄然改动。`,
  };
  return [leaf, { said, evidence: { leafHash: toHex(leaf), hashes: proof.path.length } }];
}

/** Are the entries that give the gift its meaning in the same state? */
export function checkRelated({ proof, extra }: ReadProof, { size, root }: SignedCheckpoint): [ProvedEntries, Finding] {
  const entries = new Map<number, Entry>();
  entries.set(
    proof.index,
    locate(`entry ${proof.index}`, () => parseEntry(extra.entry)),
  );
  for (const { entry, index, path } of extra.related) {
    const where = `entry ${index}`;
    if (!verifyInclusion(index, size, leafHash(utf8(entry)), path.map(decodeHash), root)) {
      throw new Failure(
        'proof.inclusion',
        'a related record is not in the signed state',
        '有一条相关记录不在已签名的状态之中',
        where,
      );
    }
    entries.set(
      index,
      locate(where, () => parseEntry(entry)),
    );
  }
  const count = extra.related.length;
  const returns = [...entries.values()].some(({ kind }) => kind === 'giving.return');
  const said = {
    en: `The ${count} records that give it meaning (terms, merchant, recipients, accounts${returns ? ', returns' : ''}) are in the log too.`,
    zh: `说明其含义的 ${count} 条记录（条款、商家、接收方、账户${returns ? '、退回' : ''}）也都在日志之中。`,
  };
  const indices = extra.related.map(({ index }) => index).join(', ');
  return [entries, { said, evidence: { related: indices } }];
}

/** Do they fit together, and what do they say? */
export function checkGift(index: number, entries: ProvedEntries): [GiftStatement, Finding] {
  const gift = stateGift(index, entries);
  const evidence = { given: gift.given, returned: gift.returned, asset: gift.asset, merchant: gift.merchant.merchant };
  return [gift, { said: sayGift(gift), evidence }];
}

/** Is the order shown the one that the gift was sealed with? */
export function checkOpening(sealed: SealedText, entry: Entry | undefined): [OrderOpening, Finding] {
  const seal = entry?.kind === 'giving.gift' ? entry.seal : '';
  const order = openSeal(sealed, seal);
  const said = {
    en: `The order in this file (${order.order}, line ${order.line}) is the one that the record was sealed with.`,
    zh: `文件中的订单（${order.order} 第 ${order.line} 行）正是该记录封存的订单。`,
  };
  return [order, { said, evidence: { seal, order: order.order, line: order.line } }];
}

/** Does the amount follow from the order by the terms? Caps and splits need the whole log. */
export function checkAmount(order: OrderOpening, { terms, given, asset, scale }: GiftStatement): [bigint, Finding] {
  const { amount, price } = amountByTerms(order, terms);
  const cut = terms.cap !== undefined && BigInt(given) < amount;
  const [expected, had] = [sayAmount(amount, asset, scale), sayAmount(given, asset, scale)];
  if (BigInt(given) !== amount && !cut) {
    const en = `by the terms the order gives ${expected.en}, the record says ${had.en}`;
    throw new Failure('gift.amount', en, `按条款该订单应捐 ${expected.zh}，记录为 ${had.zh}`);
  }
  const counted = sayAmount(price, asset, scale);
  const said = {
    en: `By the merchant's terms a price of ${counted.en} gives ${expected.en}${cut ? `; the pledge's cap left ${had.en}` : ''}.`,
    zh: `按商家的条款，${counted.zh} 的价格应捐 ${expected.zh}${cut ? `；因承诺上限，实捐 ${had.zh}` : ''}。`,
  };
  return [amount, { said, evidence: { price: Number(price), amount: Number(amount) } }];
}
