/**
 * Random mutations around valid events, over HTTP: whatever one line or one byte says, the answer is a decision and its neighbours count.
 * A failure prints fast-check's seed and path; RIVULET_SEED plays it again. RIVULET_LONG=1 tries thirty times as many.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type OrderEventInput, type OrderResult, RivuletClient } from '@rivulet/client';
import fc from 'fast-check';
import { auditDatabase } from '../support/audit.ts';
import { drawFor, long } from '../support/draw.ts';
import { marketSource, openMarket, ordersOf } from '../support/market.ts';
import { startTestServer } from '../support/server.ts';
import { caughtUp } from './nothing-lost.ts';

const server = await startTestServer();
await openMarket(server.client);
const ndjson = 'application/x-ndjson';
let made = 0;
/** Every gift that was answered: what is counted at the end. */
const gifts = new Map<string, bigint>();
let returned = 0n;

function runs(t: TestContext, short: number): { seed: number; numRuns: number; endOnFailure: boolean } {
  return { seed: drawFor(t, 20_261_118).seed, numRuns: long ? short * 30 : short, endOnFailure: true };
}

const order = () => ordersOf(`f${++made}`, 1)[0] as OrderEventInput & Record<string, unknown>;

/** A return of an order that was not sent yet, or of the last one that was. */
function returnOf(known: boolean): OrderEventInput & Record<string, unknown> {
  const of = known ? `f${made}-0` : `never-${++made}`;
  const shared = { source: marketSource, merchant: 'm-1', line: '1', returnedAt: '2026-11-20T08:00:00Z' };
  return { type: 'order.returned', ...shared, return: `r${++made}`, order: of, paid: 1000 };
}

interface Answer {
  readonly status: number;
  readonly results: readonly OrderResult[];
  readonly code: string | undefined;
}

/** Notes every gift and return that the answer tells of. */
async function post(body: string | Uint8Array<ArrayBuffer>, type: string, packed = false): Promise<Answer> {
  const headers = { authorization: `Bearer ${server.operatorKey}`, 'content-type': type };
  const encoding = packed ? { 'content-encoding': 'gzip' } : undefined;
  const init = { method: 'POST', headers: { ...headers, ...encoding }, body, signal: AbortSignal.timeout(20_000) };
  const answer = await fetch(`${server.url}/v1/giving/orders`, init);
  const said = (await answer.json()) as { results?: OrderResult[]; error?: { code: string } };
  for (const result of said.results ?? []) {
    if ('givenMinor' in result) gifts.set(result.gift, BigInt(result.givenMinor));
    if ('returnedMinor' in result && result.outcome === 'created') returned += BigInt(result.returnedMinor);
  }
  return { status: answer.status, results: said.results ?? [], code: said.error?.code };
}

const members = [
  'type',
  'source',
  'order',
  'line',
  'merchant',
  'item',
  'buyer',
  'quantity',
  'paid',
  'shipping',
  'tax',
  'discount',
  'platformDiscount',
  'currency',
  'placedAt',
  'completedAt',
  'returnedAt',
  'return',
  'pledge',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toJSON',
  '',
];
const oddNumbers = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '1.5',
  '9007199254740993',
  '99999999999999999999999999',
  '1E5',
  '0.1e1',
  '100000000000',
  '100000000001',
  '-1',
];
const oddTexts = [
  '\\u0000',
  '\\ud800',
  '\\udc00x',
  '\\u202e',
  '\\ufeff',
  'A\\nB',
  '😀',
  '涓流',
  '../../etc',
  `'; drop table giving.gift; --`,
  '%00',
  'x'.repeat(200),
];

/** A member's value, as JSON text. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...oddNumbers) },
  { weight: 4, arbitrary: fc.constantFrom(...oddTexts.map((text) => `"${text}"`)) },
  { weight: 2, arbitrary: fc.constantFrom('null', 'true', '[]', '{}', '{"__proto__":1}', '[[[[[]]]]]', '""') },
  { weight: 2, arbitrary: fc.double().filter(Number.isFinite).map(String) },
  { weight: 2, arbitrary: fc.integer().map(String) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 140 }).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)) },
  { weight: 3, arbitrary: fc.json({ maxDepth: 4 }) },
);
const mutation = fc.oneof(
  fc.record({ does: fc.constant('set' as const), member: fc.constantFrom(...members), text: value }),
  fc.record({ does: fc.constant('add' as const), member: fc.string({ maxLength: 8 }), text: value }),
  fc.record({ does: fc.constant('drop' as const), member: fc.constantFrom(...members), text: fc.constant('') }),
  fc.record({ does: fc.constant('twice' as const), member: fc.constantFrom(...members), text: value }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** The event as JSON text after its mutations; members may then stand there twice. */
function mutated(event: Record<string, unknown>, mutations: readonly Mutation[]): string {
  let parts = Object.entries(event).map(([member, what]) => [member, JSON.stringify(what)] as const);
  for (const { does, member, text } of mutations) {
    if (does !== 'twice') parts = parts.filter(([name]) => name !== member);
    if (does !== 'drop') parts.push([member, text]);
  }
  return `{${parts.map(([member, text]) => `${JSON.stringify(member)}:${text}`).join()}}`;
}

test('one mutated line is decided by itself: its neighbours are created, and the same again is a duplicate', {
  timeout: 300_000,
}, async (t) => {
  const kind = fc.constantFrom('order', 'return', 'return before');
  const outcomes: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(kind, fc.array(mutation, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 12 }),
      async (rows) => {
        const lines: string[] = [];
        for (const [what, mutations] of rows) {
          lines.push(JSON.stringify(order()));
          const event = what === 'order' ? order() : returnOf(what === 'return');
          lines.push(mutated(event, mutations));
        }
        lines.push(JSON.stringify(order()));
        const { status, results, code } = await post(lines.join('\n'), ndjson);
        assert.equal(status, 200, code);
        assert.equal(results.length, lines.length);
        results.forEach((result, i) => {
          if (i % 2 === 0) assert.equal(result.outcome, 'created', lines[i]);
          else outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
          if (result.outcome === 'refused')
            assert.ok(result.error.code !== '' && result.error.message !== '', lines[i]);
        });
        const again = await post(`[${lines.join()}]`, 'application/json');
        assert.equal(again.status, 200, again.code);
        again.results.forEach((result, i) => {
          const before = results[i] as OrderResult;
          const expected = before.outcome === 'created' ? 'duplicate' : before.outcome;
          assert.equal(
            result.outcome,
            expected,
            `${lines[i]} was ${JSON.stringify(before)}, is ${JSON.stringify(result)}`,
          );
        });
      },
    ),
    runs(t, 60),
  );
  t.diagnostic(`mutated lines: ${JSON.stringify(outcomes)}`);
});

/** Changes of bytes: flipped, cut out, put in, exchanged. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    does: fc.constantFrom('flip', 'cut', 'insert', 'swap'),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { minLength: 1, maxLength: 4 },
);

function damaged(bytes: Buffer, changes: readonly { at: number; does: string; byte: number }[]): Buffer {
  let out = Buffer.from(bytes);
  for (const { at, does, byte } of changes) {
    const i = at % (out.length + 1);
    if (does === 'flip' && i < out.length) out[i] = (out[i] as number) ^ (byte || 1);
    if (does === 'cut') out = Buffer.concat([out.subarray(0, i), out.subarray(i + 1 + (byte % 9))]);
    if (does === 'insert') out = Buffer.concat([out.subarray(0, i), Buffer.from([byte]), out.subarray(i)]);
    if (does === 'swap') out = Buffer.concat([out.subarray(i), out.subarray(0, i)]);
  }
  return out;
}

async function recorded(): Promise<unknown> {
  const { rows } = await server.database.pool.query(
    `select (select count(*) from giving.gift) as gifts, (select count(*) from giving.return) as returns,
       (select count(*) from giving.no_gift) as no_gifts, (select count(*) from giving.waiting_return) as waiting`,
  );
  return rows[0];
}

test('a body with damaged bytes is taken or refused whole, packed or not, and what is refused records nothing', {
  timeout: 300_000,
}, async (t) => {
  const statuses: Record<number, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      damage,
      fc.boolean(),
      fc.boolean(),
      async (count, changes, packed, asList) => {
        const lines = Array.from({ length: count }, () => JSON.stringify(order()));
        const text = Buffer.from(asList ? `[${lines.join(',\n')}]` : lines.join('\n'));
        const body = damaged(packed ? gzipSync(text) : text, changes);
        const before = await recorded();
        const { status, results, code } = await post(
          new Uint8Array(body),
          asList ? 'application/json' : ndjson,
          packed,
        );
        statuses[status] = (statuses[status] ?? 0) + 1;
        assert.ok([200, 400, 413].includes(status), `${status} ${code}`);
        if (status !== 200) assert.deepEqual(await recorded(), before);
        else for (const result of results) if (result.outcome === 'refused') assert.ok(result.error.code !== '');
      },
    ),
    runs(t, 150),
  );
  t.diagnostic(JSON.stringify(statuses));
});

const nasty = [
  '',
  '%00',
  '%ff',
  '..%2f..%2f',
  '__proto__',
  'constructor',
  '-1',
  '1e400',
  '99999999999999999999',
  '%F0%9F%98%80',
  `'--`,
  'x'.repeat(600),
  '%ED%A0%80',
  'main-99999999999999999',
  'main-0',
  '2026-13-45',
  '%E2%80%AE',
];
const nastyBodies = [
  '',
  '{',
  '[]',
  '{}',
  'null',
  '1',
  '[null]',
  '[[]]',
  '{"__proto__":{}}',
  '{"code":"\\u0000"}',
  '{"buyer":"\\ud800"}',
  '{"source":1}',
  '[{"merchant":{}}]',
  '{"code":1e400}',
  '['.repeat(50_000),
  `{"code":"${'0'.repeat(26)}"}`,
  `{"name":{"en":"\\u0000"},"zone":"Nowhere/None","currencies":["__proto__"]}`,
];

test('no route answers nonsense with a 500', { timeout: 300_000 }, async () => {
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const wrong: string[] = [];
  let asked = 0;
  const headers = { authorization: `Bearer ${server.operatorKey}`, 'content-type': 'application/json' };
  const ask = async (method: string, path: string, body: string | null) => {
    const init = { method, headers, ...(body !== null && { body }), signal: AbortSignal.timeout(10_000) };
    const { status } = await fetch(server.url + path, init);
    asked += 1;
    if (status >= 500) wrong.push(`${method} ${path.slice(0, 120)} ${body?.slice(0, 60)}: ${status}`);
  };
  for (const [path, methods] of Object.entries(paths)) {
    if (path.endsWith('/stream')) continue;
    const filled = path.replaceAll('{source}', marketSource).replaceAll(/\{\w+\}/g, 'x');
    for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
      const empty = method === 'GET' || method === 'DELETE' ? null : '{}';
      for (const word of nasty) {
        if (path.includes('{')) await ask(method, path.replaceAll(/\{\w+\}/g, word), empty);
        if (path.includes('{source}/'))
          await ask(method, path.replace('{source}', marketSource).replaceAll(/\{\w+\}/g, word), empty);
        if (method === 'GET') await ask(method, `${filled}?after=${word}&limit=${word}&source=${word}`, null);
        if (method === 'GET') await ask(method, `${filled}?after=${word}&source=${marketSource}`, null);
      }
      if (empty !== null) for (const body of nastyBodies) await ask(method, filled, body);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(asked > 300, `${asked} requests`);
});

test('what was answered is what is counted', { timeout: 60_000 }, async (t) => {
  const client = new RivuletClient({ url: server.url, key: server.operatorKey });
  await caughtUp(client);
  const { CNY } = (await client.totals()).assets;
  const given = [...gifts.values()].reduce((sum, minor) => sum + minor, 0n);
  t.diagnostic(`${gifts.size} gifts, ${given} given, ${CNY?.returnedMinor} returned`);
  assert.deepEqual([CNY?.givenMinor, CNY?.gifts], [String(given), String(gifts.size)]);
  assert.ok(BigInt(CNY?.returnedMinor ?? 0) >= returned);
  await auditDatabase(server.database);
});
