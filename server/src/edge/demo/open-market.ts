/** Says the demo marketplace, and a test source for developers, over HTTP, as any marketplace would. Said again it changes nothing. */
import type { PledgeInput, RivuletClient } from '@rivulet/client';
import { type DemoMarket, demoSource } from './market.ts';
import { demoRecipients } from './recipients.ts';

/** A source in the test book, outside every public total. */
export const sandboxSource = 'sandbox';

const agreement = { reference: 'DEMO-TEST', signedOn: '2024-01-15' };

/** @param operator a client with an operator's key @throws Error when a row is refused: the demo is then not what it should be */
export async function openMarket(operator: RivuletClient, market: DemoMarket): Promise<void> {
  await operator.putSource(demoSource, {
    name: { en: 'Demo marketplace (made-up data)', zh: '演示商城（虚构数据）' },
    zone: 'Asia/Shanghai',
    currencies: ['CNY'],
  });
  none(await operator.putRecipients(demoRecipients));
  none(await operator.putMerchants(demoSource, market.merchants));
  const ended = await pledgesOver(operator, market.ended);
  const open = market.pledges.filter(({ pledge }) => !ended.has(pledge));
  none(await operator.putPledges(demoSource, open));
  for (const pledge of market.ended) if (!ended.has(pledge)) await operator.endPledge(demoSource, pledge);
  await openSandbox(operator);
}

/** Pledges that ended at an earlier start: said again they would begin anew. */
async function pledgesOver(operator: RivuletClient, meant: readonly string[]): Promise<Set<string>> {
  const over = new Set<string>();
  for await (const { pledge, endsAt } of operator.pledges(demoSource))
    if (endsAt !== undefined && meant.includes(pledge)) over.add(pledge);
  return over;
}

async function openSandbox(operator: RivuletClient): Promise<void> {
  await operator.putSource(sandboxSource, {
    name: { en: 'Sandbox (test source, made-up data)', zh: '沙箱（测试来源，虚构数据）' },
    zone: 'Asia/Shanghai',
    currencies: ['CNY'],
    test: true,
  });
  none(await operator.putMerchants(sandboxSource, [{ merchant: 'm-1', agreement }]));
  const common = { merchant: 'm-1', currency: 'CNY' };
  const pledges: PledgeInput[] = [
    { ...common, pledge: 'p-1', basisPoints: 100, recipients: [{ recipient: 'school-lunch' }], items: ['sku-1'] },
    {
      ...common,
      pledge: 'p-2',
      fixedMinor: 10,
      per: 'unit',
      recipients: [
        { recipient: 'care-pack', weight: 2 },
        { recipient: 'saplings', weight: 1 },
      ],
      items: ['sku-2'],
    },
  ];
  none(await operator.putPledges(sandboxSource, pledges));
}

interface Refused {
  readonly outcome: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** No row was refused. */
function none({ results }: { readonly results: readonly Refused[] }): void {
  const refused = results.find(({ outcome }) => outcome === 'refused');
  if (refused?.error) throw new Error(`demo data was refused, ${refused.error.code}: ${refused.error.message}`);
}
