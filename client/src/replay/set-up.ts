/** Makes the marketplace that a mapping describes, as far as it is needed: everything said again is unchanged. */
import type { ErrorDetail, ItemRow, MerchantInput, PledgeInput } from '../contract/index.ts';
import { RequestRefused } from '../request-refused.ts';
import type { RivuletClient } from '../rivulet-client.ts';
import type { Mapping } from './mapping.ts';
import type { OrderInput } from './order-of-row.ts';
import { pledgeOf } from './spread.ts';

export class SetUp {
  readonly #client: RivuletClient;
  readonly #mapping: Mapping;
  /** Whether a merchant has a pledge, once it was said. */
  readonly #pledged = new Map<string, boolean>();
  readonly #items = new Set<string>();

  constructor(client: RivuletClient, mapping: Mapping) {
    this.#client = client;
    this.#mapping = mapping;
  }

  /** @throws RequestRefused, OutOfReach */
  async source(): Promise<void> {
    const { source, ...body } = this.#mapping.source;
    await this.#client.putSource(source, body);
    accepted(await this.#client.putRecipients(this.#mapping.recipients));
  }

  /** Says the merchants, pledges and items of these orders that were not said yet. @throws RequestRefused, OutOfReach */
  async ordersOf(orders: readonly OrderInput[]): Promise<void> {
    const { source } = this.#mapping.source;
    const merchants: MerchantInput[] = [];
    const pledges: PledgeInput[] = [];
    const items: ItemRow[] = [];
    for (const { merchant, item } of orders) {
      if (!this.#pledged.has(merchant)) {
        const pledge = pledgeOf(merchant, this.#mapping);
        this.#pledged.set(merchant, pledge !== null);
        merchants.push(this.#merchant(merchant));
        if (pledge !== null) pledges.push(pledge);
      }
      const name = `${merchant}\n${item}`;
      if (this.#pledged.get(merchant) !== true || this.#items.has(name)) continue;
      this.#items.add(name);
      items.push({ merchant, item, pledge: `p-${merchant}`, startsAt: this.#mapping.pledges.startsAt });
    }
    if (merchants.length > 0) accepted(await this.#client.putMerchants(source, merchants));
    if (pledges.length > 0) accepted(await this.#client.putPledges(source, pledges));
    if (items.length > 0) accepted(await this.#client.putItems(source, items));
  }

  #merchant(merchant: string): MerchantInput {
    const { agreement, name, public: isPublic } = this.#mapping.merchants;
    const filled = (text: string) => text.replaceAll('{merchant}', merchant);
    const names = Object.entries(name ?? {}).map(([language, text]) => [language, filled(text ?? '')]);
    return {
      merchant,
      public: isPublic,
      agreement: { ...agreement, reference: filled(agreement.reference) },
      ...(name === undefined ? {} : { name: Object.fromEntries(names) }),
    };
  }
}

/** A row refused here would leave orders without their pledges, so it ends the replay. */
function accepted({ results }: { results: readonly { outcome: string; error?: ErrorDetail }[] }): void {
  for (const result of results) if (result.error !== undefined) throw new RequestRefused(200, result.error);
}
