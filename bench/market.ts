/** A fictional marketplace to load: projects, merchants by size, items by sales. Set up through the API like any other. */
import type { RivuletClient } from '@rivulet/client';
import type { ItemRow, PledgeInput } from '@rivulet/client/contract';
import { type Chance, zipf } from './skew.ts';

export const source = 'bench';
const projects = 40;
const merchants = 500;
const itemsOfMerchant = 20;

export const size = { projects, merchants, items: merchants * itemsOfMerchant };

/** What one order line may name. Popular ones come up most. */
export interface Draw {
  merchant(): string;
  item(merchant: string): string;
}

export function drawFrom(chance: Chance): Draw {
  const merchant = zipf(merchants, 1, chance);
  const item = zipf(itemsOfMerchant, 1, chance);
  return { merchant: () => `m-${merchant()}`, item: (of) => `${of}-i-${item()}` };
}

/** Projects are hot as merchants are: each merchant gives to one drawn by Zipf, one in ten splits over three. */
export async function setUp(client: RivuletClient, chance: Chance): Promise<void> {
  await client.putSource(source, {
    name: { en: 'Bench market', zh: '压测市场' },
    zone: 'Asia/Shanghai',
    currencies: ['CNY'],
  });
  const charity = { en: 'Spruce Charity', zh: '云杉慈善会' };
  const recipients = Array.from({ length: projects }, (_, i) => ({
    recipient: `project-${i}`,
    type: 'project' as const,
    name: { en: `Project ${i}`, zh: `项目 ${i}` },
    charity,
    assets: ['CNY'],
  }));
  accepted(await client.putRecipients(recipients));
  const names = Array.from({ length: merchants }, (_, i) => `m-${i}`);
  const agreement = (merchant: string) => ({ reference: `agreement of ${merchant}`, signedOn: '2026-01-15' });
  accepted(
    await client.putMerchants(
      source,
      names.map((merchant) => ({ merchant, agreement: agreement(merchant) })),
    ),
  );
  const project = zipf(projects, 1.1, chance);
  accepted(
    await client.putPledges(
      source,
      names.map((merchant, i) => pledge(merchant, i, project)),
    ),
  );
  const items: ItemRow[] = [];
  for (const merchant of names) {
    for (let i = 0; i < itemsOfMerchant; i += 1) {
      items.push({ merchant, item: `${merchant}-i-${i}`, pledge: `p-${merchant}`, startsAt: '2026-01-01' });
    }
  }
  accepted(await client.putItems(source, items));
}

function pledge(merchant: string, i: number, project: () => number): PledgeInput {
  const rules = [
    { basisPoints: 100 },
    { basisPoints: 250 },
    { fixedMinor: 2, per: 'line' },
    { fixedMinor: 1, per: 'unit' },
  ] as const;
  const shares =
    i % 10 === 9 ? distinct(project, 3).map((n, k) => ({ recipient: `project-${n}`, weight: 5 - k })) : null;
  return {
    pledge: `p-${merchant}`,
    merchant,
    currency: 'CNY',
    ...(rules[i % 4] as (typeof rules)[number]),
    recipients: shares ?? [{ recipient: `project-${project()}` }],
    startsAt: '2026-01-01',
    imported: true,
  };
}

function distinct(draw: () => number, count: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(draw());
  return [...drawn];
}

function accepted({
  results,
}: {
  results: readonly { outcome: string; error?: { code: string; message: string } }[];
}): void {
  const refused = results.find(({ error }) => error !== undefined);
  if (refused?.error !== undefined)
    throw new Error(`the market could not be set up: ${refused.error.code} ${refused.error.message}`);
}
