/** Entries that no reader may accept, each with why. */
import { canonical } from '../src/index.ts';
import { publicId, seal } from './book.ts';

const gift = { kind: 'giving.gift', move: [[1, 2, 3, 4, 5]], seal, terms: 9 };
const giftText = canonical(gift);
const source = { kind: 'giving.source', name: { en: 'a' }, source: 'a', zone: 'UTC' };
const terms = {
  asset: 'CNY',
  base: [],
  from: '2026-11-18T08:00:00Z',
  kind: 'giving.terms',
  merchant: publicId('m'),
  pledge: publicId('p'),
  recipients: [[1, 1]],
  rule: { basisPoints: 10 },
  version: 1,
};
const tick = '{"kind":"log.tick","time":"2026-11-18T08:00:00Z"}';

export function refusedEntries(): readonly (readonly [why: string, entry: string])[] {
  return [
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['no kind', '{}'],
    ['an unknown kind', '{"kind":"giving.present"}'],
    ['a kind that every object has', '{"kind":"toString"}'],
    ['an unknown member', tick.replace('}', ',"zone":"UTC"}')],
    ['a member named __proto__', tick.replace('{', '{"__proto__":1,')],
    ['a missing member', '{"kind":"log.tick"}'],
    ['a space behind', `${tick} `],
    ['a space within', tick.replace(',', ', ')],
    ['members not sorted', '{"time":"2026-11-18T08:00:00Z","kind":"log.tick"}'],
    ['a member twice', tick.replace(',', ',"kind":"log.tick",')],
    ['an escape that need not be', tick.replace('2026', '\\u0032026')],
    ['an escaped slash', canonical({ ...source, zone: 'a/b' }).replace('a/b', 'a\\/b')],
    ['upper case in an escape', canonical({ ...source, name: { en: '\u001f' } }).replace('001f', '001F')],
    ['half of a surrogate pair', canonical(source).replace('"a"', '"\\ud800"')],
    ['a day that is not', tick.replace('11-18', '02-29')],
    ['parts of a second', tick.replace('00Z', '00.000Z')],
    ['another zone', tick.replace('Z', '+00:00')],
    ['a fraction', giftText.replace('5]]', '5.5]]')],
    ['a number with an exponent', giftText.replace('5]]', '5e0]]')],
    ['2^53', giftText.replace('5]]', '9007199254740992]]')],
    ['a negative number', giftText.replace('5]]', '-5]]')],
    ['minus zero', giftText.replace('5]]', '-0]]')],
    ['a number as text', giftText.replace('5]]', '"5"]]')],
    ['nothing moved', canonical({ ...gift, move: [[1, 2, 0, 4, 5]] })],
    ['no move', canonical({ ...gift, move: [] })],
    ['a move of four', canonical({ ...gift, move: [[1, 2, 3, 4]] })],
    ['account 0', canonical({ ...gift, move: [[0, 2, 3, 4, 5]] })],
    ['a seal with unused bits set', canonical({ ...gift, seal: `${seal.slice(0, -1)}B` })],
    ['a seal with padding', canonical({ ...gift, seal: `${seal}=` })],
    ['a seal too short', canonical({ ...gift, seal: seal.slice(1) })],
    ['an empty name', canonical({ ...source, name: {} })],
    ['a name of 201 characters', canonical({ ...source, name: { zh: '字'.repeat(201) } })],
    ['a name in another language', canonical({ ...source, name: { fr: 'a' } })],
    ['a public id with a letter that is none', canonical({ ...terms, merchant: publicId('u') })],
    ['both sorts of rule', canonical({ ...terms, rule: { basisPoints: 10, per: 'line' } })],
    ['a percentage too small', canonical({ ...terms, rule: { basisPoints: 9 } })],
    ['base not sorted', canonical({ ...terms, base: ['tax', 'shipping'] })],
    ['no recipients', canonical({ ...terms, recipients: [] })],
    ['thirteen recipients', canonical({ ...terms, recipients: Array(13).fill([1, 1]) })],
    ['a weight of 0', canonical({ ...terms, recipients: [[1, 0]] })],
    ['ended: false', canonical({ ...terms, ended: false })],
    ['a purpose that is none', canonical({ book: 'main', format: 1, kind: 'log.open', origin: 'a', purpose: 'play' })],
    ['a format that is not 1', canonical({ book: 'main', format: 2, kind: 'log.open', origin: 'a', purpose: 'live' })],
    [
      'a key that does not fit its id',
      canonical({
        key: 'example.org/log+00000000+Aek/iR5ux92TyYfF2rmtiajS7c8ZgfJjdYvPvpxmFEk3',
        kind: 'log.key',
        role: 'log',
        state: 'active',
      }),
    ],
    ['a close before there is a tick', canonical({ at: 1, kind: 'ledger.close', lines: 9, root: seal })],
    ['a close of no state', canonical({ at: 31, kind: 'ledger.close', lines: 0, root: seal })],
    ['an asset in lower case', canonical({ asset: 'cny', kind: 'ledger.asset', scale: 2 })],
  ];
}
