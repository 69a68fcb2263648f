/** The totals that a site shows, against those that its log makes. */
import { type Check, integer, list, map, object, text } from '../entry/shape.ts';
import { Failure } from '../failure.ts';
import type { Total } from '../replay/giving.ts';
import type { Replay } from '../replay/replay.ts';
import type { LogSource } from '../tlog/source.ts';

type AssetTotals = Record<string, { givenMinor: string; returnedMinor: string; gifts: string }>;

/** What a site shows at one log size. */
export interface ShownTotals {
  readonly path: string;
  readonly logSize: number;
  /** By recipient, or under the empty id for all of them together. */
  readonly totals: ReadonlyMap<string, AssetTotals>;
}

const maxBytes = 64_000_000;
const digits = text(/^(0|[1-9][0-9]{0,29})$/, 'a number as text', '文本形式的数');
const anything: Check = () => {};
const asOf = object({ logSize: integer(0) });
const assets = map(/^[A-Z0-9]{3,12}$/, object({ givenMinor: digits, returnedMinor: digits, gifts: digits }));
const totalsShape = object({ asOf, assets });
const recipient = object(
  { recipient: text(/^.{1,100}$/s, 'an id', '编号'), assets },
  { type: anything, name: anything, charity: anything },
);
const recipientsShape = object({ asOf, recipients: list(recipient, 0, 10_000_000) });

/** `/v1/totals` and `/v1/giving/totals`, where the site has them. @throws Failure when they are malformed, Unreachable */
export async function readShownTotals(site: LogSource): Promise<ShownTotals[]> {
  const [all, each] = await Promise.all([
    readJson(site, 'v1/totals', totalsShape),
    readJson(site, 'v1/giving/totals', recipientsShape),
  ]);
  const shown: ShownTotals[] = [];
  if (all) {
    const { asOf, assets } = all as { asOf: { logSize: number }; assets: AssetTotals };
    shown.push({ path: 'v1/totals', logSize: asOf.logSize, totals: new Map([['', assets]]) });
  }
  if (each) {
    type Each = { asOf: { logSize: number }; recipients: { recipient: string; assets: AssetTotals }[] };
    const { asOf, recipients } = each as Each;
    const totals = new Map(recipients.map(({ recipient, assets }) => [recipient, assets]));
    shown.push({ path: 'v1/giving/totals', logSize: asOf.logSize, totals });
  }
  return shown;
}

async function readJson(site: LogSource, path: string, shape: Check): Promise<unknown> {
  const bytes = await site.read(path, maxBytes);
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    shape(value, '');
    return value;
  } catch (error) {
    if (error instanceof Failure) throw error.at(path);
    throw new Failure('totals.format', 'it is not JSON', '不是 JSON', path);
  }
}

/** @param replay at exactly `shown.logSize` entries @throws Failure `totals.differ` */
export function compareTotals(shown: ShownTotals, replay: Replay): void {
  const all = new Map([['', replay.totals()]]);
  const made = shown.totals.has('') ? all : replay.recipientTotals();
  for (const id of new Set([...shown.totals.keys(), ...made.keys()])) {
    const here = shown.totals.get(id) ?? {};
    const there = made.get(id) ?? new Map<string, Total>();
    for (const asset of new Set([...Object.keys(here), ...there.keys()]))
      compareTotal(shown, id, asset, here[asset], there.get(asset));
  }
}

function compareTotal(
  shown: ShownTotals,
  id: string,
  asset: string,
  here: AssetTotals[string] | undefined,
  there: Total | undefined,
): void {
  const { given, returned, gifts } = there ?? { given: 0n, returned: 0n, gifts: 0n };
  const said = [here?.givenMinor ?? '0', here?.returnedMinor ?? '0', here?.gifts ?? '0'].join(' / ');
  const made = [given, returned, gifts].join(' / ');
  if (said === made) return;
  const what = id === '' ? asset : `${id} ${asset}`;
  const en = `${what} given / returned / gifts: the site says ${said}, the log of ${shown.logSize} entries makes ${made}`;
  const zh = `${what} 捐赠 / 退回 / 笔数：网站称 ${said}，而 ${shown.logSize} 条日志得出 ${made}`;
  throw new Failure('totals.differ', en, zh, shown.path);
}
