/** From the bytes of a leaf to a typed entry: UTF-8, JSON, the shape of its kind, and the one canonical spelling, all or nothing. */
import { fromUtf8 } from '../bytes.ts';
import { EntryError } from '../failure.ts';
import { parseVerifierKey } from '../tlog/note.ts';
import { maxEntryBytes } from '../tlog/tile.ts';
import { canonical } from './canonical.ts';
import type { Entry } from './entry.ts';
import { type Check, choice, exactly, integer, list, map, object, rising, text, tuple } from './shape.ts';

const minor = integer(1);
const index = integer(0);
const position = integer(0);
const account = integer(1);
/** More moves than fit into 65,535 bytes. */
const manyMoves = 10_000;

const publicId = text(/^[0-9a-hjkmnp-tv-z]{16}$/, 'a public id', '公开编号');
const hash = text(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, '32 bytes in base64url', ' base64url 的 32 字节');
const asset = text(/^[A-Z0-9]{3,12}$/, 'an asset code', '资产代码');
const sourceId = text(/^[A-Za-z0-9._-]{1,64}$/, 'a source id', '来源编号');
const date = text(/^\d{4}-\d\d-\d\d$/, 'a date', '日期', (said) => isTime(`${said}T00:00:00Z`));
const time = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time in whole seconds, UTC', '以整秒计的 UTC 时间', isTime);
const words = text(
  /^.+$/s,
  '1 to 200 characters',
  ' 1 到 200 个字符',
  (said) => said.isWellFormed() && [...said].length <= 200,
);
const anyName = object({}, { en: words, zh: words });
const name: Check = (value, at) => {
  anyName(value, at);
  if (Object.keys(value as object).length === 0) throw new EntryError('missing', at, 'names nothing', '没有名称');
};
const sums = map(/^[A-Z0-9]{3,12}$/, tuple(integer(0), integer(0)));
const reasons = map(/^[a-z][a-z0-9_]{0,63}$/, integer(0));
const yes = exactly(true);

const move = list(tuple(account, account, minor, position, position), 1, manyMoves);
const back = list(tuple(account, account, minor, position, position, index, index, position), 1, manyMoves);
const declare = list(tuple(index, index, minor), 1, manyMoves);

const fixedRule = object({ fixed: minor, per: exactly('line', 'unit') });
const rule = choice({ basisPoints: object({ basisPoints: integer(10, 10_000) }), fixed: fixedRule });

const kinds: { readonly [K in Entry['kind']]: Check } = {
  'log.open': shape({
    book: text(/^[a-z][a-z0-9-]{0,31}$/, 'a book name', '账本名'),
    format: exactly(1),
    origin: text(/^[!-*,-~]{1,200}$/, 'an origin', '日志来源名'),
    purpose: exactly('live', 'test'),
  }),
  'log.tick': shape({ time }),
  'log.key': shape({
    key: text(/^.{1,400}$/, 'a verifier key', '验证公钥', isVerifierKey),
    role: exactly('log', 'witness'),
    state: exactly('active', 'retired'),
  }),
  'ledger.asset': shape({ asset, scale: integer(0, 9) }),
  'ledger.account': shape(
    { account, asset, name: text(/^[ -~]{1,200}$/, 'an account name', '账户名') },
    { source: yes },
  ),
  'ledger.settle': shape({ back }),
  'ledger.close': shape({ at: integer(2), lines: integer(1), root: hash }),
  'giving.source': shape({ name, source: sourceId, zone: text(/^[A-Za-z0-9_+/-]{1,64}$/, 'a time zone', '时区') }),
  'giving.recipient': shape({
    assets: list(asset, 1, 100),
    charity: name,
    name,
    recipient: publicId,
    type: exactly('project', 'organisation'),
  }),
  'giving.merchant': shape({ merchant: publicId, source: sourceId }, { name }),
  'giving.terms': shape(
    {
      asset,
      base: rising(list(exactly('discount', 'platformDiscount', 'shipping', 'tax'), 0, 4)),
      from: time,
      merchant: publicId,
      pledge: publicId,
      recipients: list(tuple(account, integer(1, 10_000)), 1, 12),
      rule,
      version: integer(1),
    },
    { cap: minor, ended: yes, imported: yes, until: time },
  ),
  'giving.gift': shape({ move, seal: hash, terms: index }),
  'giving.return': shape({ declare, gift: index, seal: hash }, { back }),
  'giving.tally': shape({
    created: sums,
    date,
    digest: hash,
    ignored: reasons,
    refused: reasons,
    returned: sums,
    source: sourceId,
  }),
};

function shape(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  return object({ ...required, kind: () => {} }, optional);
}

/**
 * @param entry the leaf, as bytes or as text
 * @throws EntryError naming the member and the rule; nothing about other entries is checked here (see Replay)
 */
export function parseEntry(entry: string | Uint8Array): Entry {
  const text = typeof entry === 'string' ? entry : decode(entry);
  const value = parseJson(text);
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    throw new EntryError('kind', 'kind', 'is unknown', '未知');
  }
  kinds[kind as Entry['kind']](value, '');
  if (canonicalOrNull(value) !== text) {
    throw new EntryError(
      'canonical',
      '',
      'the entry is not in canonical form (RFC 8785)',
      '条目不是规范形式（RFC 8785）',
    );
  }
  return value as Entry;
}

function canonicalOrNull(value: unknown): string | null {
  try {
    return canonical(value);
  } catch {
    return null;
  }
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > maxEntryBytes) throw new EntryError('length', '', 'the entry is too long', '条目过长');
  try {
    return fromUtf8(bytes);
  } catch {
    throw new EntryError('utf8', '', 'the entry is not UTF-8', '条目不是 UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EntryError('json', '', 'the entry is not JSON', '条目不是 JSON');
  }
}

function isTime(text: string): boolean {
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString() === text.replace('Z', '.000Z');
}

function isVerifierKey(text: string): boolean {
  try {
    return parseVerifierKey(text).name.length > 0;
  } catch {
    return false;
  }
}
