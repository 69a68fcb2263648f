/** Which kind of pledge a merchant gets: by a hash of its id, so that every run and every reader agrees. */
import { createHash } from 'node:crypto';
import type { PledgeInput } from '../contract/index.ts';
import { type Kind, type Mapping, MappingFault } from './mapping.ts';

/** The first six bytes of SHA-256 of the merchant's id, modulo the sum of shares, fall into one kind's share; kinds in the file's order. */
export function kindOf(merchant: string, spread: readonly Kind[]): Kind {
  const total = spread.reduce((sum, kind) => sum + kind.share, 0);
  let place = createHash('sha256').update(merchant).digest().readUIntBE(0, 6) % total;
  for (const kind of spread) {
    if (place < kind.share) return kind;
    place -= kind.share;
  }
  throw new MappingFault('pledges.spread');
}

/** The merchant's one pledge, `p-<merchant>`, or null when its kind has no rule. */
export function pledgeOf(merchant: string, mapping: Mapping): PledgeInput | null {
  const { share: _, recipients, basisPoints, fixedMinor, per } = kindOf(merchant, mapping.pledges.spread);
  if (basisPoints === undefined && fixedMinor === undefined) return null;
  if (recipients === undefined) throw new MappingFault('pledges.spread: recipients');
  const { startsAt, imported } = mapping.pledges;
  const rule = basisPoints !== undefined ? { basisPoints } : { fixedMinor, per };
  return {
    pledge: `p-${merchant}`,
    merchant,
    currency: mapping.currency,
    ...rule,
    recipients,
    startsAt,
    imported,
  } as PledgeInput;
}
