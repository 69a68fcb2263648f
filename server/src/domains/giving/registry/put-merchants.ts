/** A source names its merchants and the agreements on file. In the log a merchant is a random id, and its name only where it agreed to that. */
import { type MerchantAnswer, MerchantRow } from '@rivulet/client/contract';
import { canonical, type GivingMerchant, type Name } from '@rivulet/verifier';
import { type Refusal, refusal } from '#base/refusal';
import type { GivingBook } from '../book.ts';
import { dayAt } from '../pledge/moment.ts';
import type { Draft } from './draft.ts';
import { type Language, type Put, putRows } from './put-rows.ts';
import type { MerchantRow as Stored } from './store.ts';

interface Said {
  readonly merchant: string;
  readonly publicId: string;
}

/** Durable on return. */
export async function putMerchants(
  held: GivingBook,
  source: string,
  rows: readonly unknown[],
  language: Language,
): Promise<MerchantAnswer> {
  return (await putRows(held, source, rows, language, {
    schema: MerchantRow,
    needs: (part) => ({ merchants: part.map(({ merchant }) => merchant) }),
    put: (draft, row) => putMerchant(draft, source, row),
  })) as MerchantAnswer;
}

function putMerchant(draft: Draft, source: string, row: MerchantRow): Put<Said> | Refusal {
  const before = draft.merchant(source, row.merchant);
  const problem = objection(draft, source, row, before);
  if (problem !== null) return problem;
  const { merchant } = row;
  const publicId = before?.publicId ?? draft.newPublicId();
  const content = {
    name: (row.name as Name | undefined) ?? null,
    isPublic: row.public,
    agreement: row.agreement ?? null,
  };
  if (before !== undefined && canonical(content) === canonical(contentOf(before)))
    return { outcome: 'unchanged', merchant, publicId };
  const entry = entryOf(source, publicId, content);
  const repeated = before !== undefined && canonical(entryOf(source, publicId, before)) === canonical(entry);
  const index = repeated ? before.index : draft.say(entry);
  draft.putMerchant({ source, merchant, bookId: draft.bookId, publicId, ...content, index });
  return { outcome: before === undefined ? 'created' : 'changed', merchant, publicId };
}

function objection(draft: Draft, source: string, row: MerchantRow, before: Stored | undefined): Refusal | null {
  const zone = draft.source(source)?.zone;
  if (zone === undefined) return sourceUnknown;
  if (row.public && row.name === undefined) return publicWithoutName;
  if (row.public && row.agreement === undefined) return publicWithoutAgreement;
  // The source's day may be ahead of ours by a clock's error, not by more.
  if (row.agreement !== undefined && row.agreement.signedOn > dayAt(draft.acceptedMs, zone)) return signedLater;
  const drops = before?.agreement && row.agreement === undefined;
  return drops && draft.hasPledges(source, row.merchant) ? agreementNeeded : null;
}

type Content = Pick<Stored, 'name' | 'isPublic' | 'agreement'>;

function contentOf({ name, isPublic, agreement }: Stored): Content {
  return { name, isPublic, agreement };
}

function entryOf(source: string, publicId: string, { name, isPublic }: Omit<Content, 'agreement'>): GivingMerchant {
  return { kind: 'giving.merchant', merchant: publicId, ...(isPublic && name !== null ? { name } : {}), source };
}

const sourceUnknown = refusal('missing', 'source_unknown', 'there is no such source', '没有此来源（商城）');
const publicWithoutName = refusal(
  'invalid',
  'name_missing',
  'a merchant that is public needs a name',
  '公开的商家必须有名称',
  'name',
);
const publicWithoutAgreement = refusal(
  'conflict',
  'agreement_missing',
  'only a merchant whose agreement says so is public: its agreement must be on file',
  '只有协议约定公开的商家才可公开，须先备案协议',
  'agreement',
);
const signedLater = refusal(
  'invalid',
  'signed_later',
  'the agreement would be signed in the future',
  '协议签署日期晚于今天',
  'agreement.signedOn',
);
const agreementNeeded = refusal(
  'conflict',
  'agreement_needed',
  'pledges stand on this agreement; it can be replaced, not taken away',
  '已有承诺依据此协议，协议可更换而不可撤除',
  'agreement',
);
