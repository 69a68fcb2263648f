/** Bodies that no honest shop would send, to the real app over HTTP: never a 500, never a crash, no neighbour spoiled; malformed ones refused whole. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { OrderResult } from '@rivulet/client';
import { auditDatabase } from '../support/audit.ts';
import { openMarket, ordersOf } from '../support/market.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer();
await openMarket(server.client);
const ndjson = 'application/x-ndjson';
const json = 'application/json';
let made = 0;

/** A good line that was never sent before, as JSON text. */
const good = () => JSON.stringify(ordersOf(`h${++made}`, 1)[0]);

interface Answer {
  readonly status: number;
  readonly results: readonly OrderResult[];
  readonly error: { code: string; line?: number; field?: string } | undefined;
}

async function post(body: BodyInit, type: string | null, headers: Record<string, string> = {}): Promise<Answer> {
  const all = {
    authorization: `Bearer ${server.operatorKey}`,
    ...(type !== null && { 'content-type': type }),
    ...headers,
  };
  const init = { method: 'POST', headers: all, body, duplex: 'half', signal: AbortSignal.timeout(20_000) };
  const answer = await fetch(`${server.url}/v1/giving/orders`, init as RequestInit);
  const said = (await answer.json()) as { results?: OrderResult[]; error?: Answer['error'] };
  return { status: answer.status, results: said.results ?? [], error: said.error };
}

/** What intake has recorded, in short. */
async function recorded(): Promise<string> {
  const { rows } = await server.database.pool.query(
    `select (select count(*) from giving.gift) as gifts, (select count(*) from giving.no_gift) as no_gifts,
       (select count(*) from giving.waiting_return) as waiting, (select coalesce(sum(lines), 0) from giving.day) as lines`,
  );
  return JSON.stringify(rows[0]);
}

/** A body that arrives in pieces, its length not said. */
function inPieces(bytes: Uint8Array, size = 65_536): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + size));
      at += size;
    },
  });
}

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))),
  );
const gzip = { 'content-encoding': 'gzip' };
const packed = (text: string) => new Uint8Array(gzipSync(text));
/** 1 GiB of zeros in 1 MiB: gzip members follow one another. */
const bomb = () => new Uint8Array(Buffer.concat(Array(64).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024)))));
const megabytes8 = 8 * 1024 * 1024;
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('a body that cannot be read is refused whole, with its line, and records nothing', {
  timeout: 60_000,
}, async () => {
  const table: [string, BodyInit, string | null, Record<string, string>, number, string, number?][] = [
    ['UTF-8 cut in its last character', bytes(`${good()}\n"`, [0xe6, 0xb6]), ndjson, {}, 400, 'malformed', 2],
    [
      'a byte that UTF-8 does not know',
      bytes(`${good()}\n${good()}\n`, [0xff], `\n${good()}`),
      ndjson,
      {},
      400,
      'malformed',
      3,
    ],
    ['an overlong form', bytes(good(), '\n"', [0xc0, 0x80], '"'), ndjson, {}, 400, 'malformed', 2],
    ['a surrogate as bytes', bytes(good(), '\n"', [0xed, 0xa0, 0x80], '"'), ndjson, {}, 400, 'malformed', 2],
    ['UTF-16', Buffer.from(good(), 'utf16le'), ndjson, {}, 400, 'malformed', 1],
    ['a NUL in a line', bytes(good(), '\n', [0], good()), ndjson, {}, 400, 'malformed', 2],
    ['a line that ends early', `${good()}\n${good()}\n${good().slice(0, -9)}`, ndjson, {}, 400, 'malformed', 3],
    ['two values in a line', `${good()}\n${good()}${good()}`, ndjson, {}, 400, 'malformed', 2],
    ['a byte-order mark in the middle', `${good()}\n\ufeff${good()}`, ndjson, {}, 400, 'malformed', 2],
    ['a bare carriage return between lines', `${good()}\r${good()}`, ndjson, {}, 400, 'malformed', 1],
    ['NaN', `${good()}\n{"paid":NaN}`, ndjson, {}, 400, 'malformed', 2],
    ['a comment', `// orders\n${good()}`, ndjson, {}, 400, 'malformed', 1],
    ['an array that is not closed', `[\n${good()},\n${good()}\n`, json, {}, 400, 'malformed', 4],
    ['a trailing comma', `[${good()},\n]`, json, {}, 400, 'malformed', 2],
    ['an object in place of a list', good(), json, {}, 400, 'malformed', 1],
    ['a number', '1', json, {}, 400, 'malformed', 1],
    ['nothing', '', json, {}, 400, 'malformed', 1],
    ['a depth that is not closed', '['.repeat(100_000), json, {}, 400, 'malformed', 1],
    ['a depth of objects that is not closed', '{"a":'.repeat(100_000), ndjson, {}, 400, 'malformed', 1],
    ['10,001 lines', `${good()}\n`.repeat(10_001), ndjson, {}, 413, 'too_many_rows', 10_001],
    ['10,001 of a list', `[${Array(10_001).fill(1)}]`, json, {}, 413, 'too_many_rows'],
    ['8 MiB and a byte', ' '.repeat(megabytes8 + 1), json, {}, 413, 'body_too_large'],
    ['8 MiB and a byte, in pieces', inPieces(bytes(' '.repeat(megabytes8 + 1))), json, {}, 413, 'body_too_large'],
    ['8 MiB and a byte, packed', packed(' '.repeat(megabytes8 + 1)), json, gzip, 413, 'body_too_large'],
    ['a gzip bomb of 1 GiB', bomb(), ndjson, gzip, 413, 'body_too_large'],
    ['gzip cut in the middle', packed(`${good()}\n`.repeat(500)).subarray(0, 200), ndjson, gzip, 400, 'malformed'],
    [
      'gzip with a wrong sum',
      packed(good()).map((b, i, all) => (i === all.length - 6 ? b ^ 1 : b)),
      ndjson,
      gzip,
      400,
      'malformed',
    ],
    ['gzip that is none', good(), ndjson, gzip, 400, 'malformed'],
    ['another encoding', good(), ndjson, { 'content-encoding': 'br' }, 415, 'unsupported_encoding'],
    ['two encodings', packed(good()), ndjson, { 'content-encoding': 'gzip, gzip' }, 415, 'unsupported_encoding'],
    ['text', good(), 'text/plain', {}, 415, 'unsupported_type'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded', {}, 415, 'unsupported_type'],
    ['no type', bytes(good()), null, {}, 415, 'unsupported_type'],
    ['a type that is none', good(), 'json', {}, 415, 'unsupported_type'],
  ];
  const before = await recorded();
  const seen: unknown[] = [];
  for (const [name, body, type, headers] of table) {
    const { status, error } = await post(body, type, headers);
    seen.push([name, status, error?.code, error?.line, await recorded()]);
  }
  const expected = table.map(([name, , , , status, code, line]) => [name, status, code, line, before]);
  assert.deepEqual(seen, expected);
});

test('a gzip bomb costs neither time nor memory', async () => {
  const body = bomb();
  globalThis.gc?.();
  const [before, started] = [process.memoryUsage().rss, performance.now()];
  await Promise.all(Array.from({ length: 8 }, () => post(body, ndjson, gzip)));
  const [grown, ms] = [process.memoryUsage().rss - before, performance.now() - started];
  assert.ok(grown < 400 * 1024 * 1024, `${grown} bytes`);
  assert.ok(ms < 5_000, `${ms} ms`);
});

test('odd forms of a good body are taken', { timeout: 60_000 }, async () => {
  const table: [string, BodyInit, string, Record<string, string>, number][] = [
    ['carriage returns before line ends', `${good()}\r\n${good()}\r\n`, ndjson, {}, 2],
    ['a byte-order mark at the start', `\ufeff${good()}`, ndjson, {}, 1],
    ['empty lines', `\n\n${good()}\n \n\t\n${good()}\n\n`, ndjson, {}, 2],
    ['no line end', `${good()}\n${good()}`, ndjson, {}, 2],
    ['a list in lines', `[\n${good()}\n,\n${good()}\n]`, json, {}, 2],
    ['an empty list', '[]', json, {}, 0],
    ['no lines', '', ndjson, {}, 0],
    ['no lines, packed', packed(''), ndjson, gzip, 0],
    ['one byte a piece', inPieces(bytes(good()), 1), ndjson, {}, 1],
    ['packed in pieces', inPieces(packed(good()), 7), ndjson, gzip, 1],
    ['x-gzip', packed(good()), ndjson, { 'content-encoding': 'x-gzip' }, 1],
    ['a parameter of the type', good(), `${ndjson}; charset=utf-8`, {}, 1],
    ['8 MiB exactly', good().padEnd(megabytes8), ndjson, {}, 1],
    ['8 MiB exactly, packed', packed(good().padEnd(megabytes8)), ndjson, gzip, 1],
  ];
  for (const [name, body, type, headers, count] of table) {
    const answer = await post(body, type, headers);
    assert.equal(answer.status, 200, `${name}: ${JSON.stringify(answer.error)}`);
    assert.deepEqual(
      answer.results.map(({ outcome }) => outcome),
      Array(count).fill('created'),
      name,
    );
  }
});

/** A good line with one member written otherwise; undefined leaves it out. */
function withMember(member: string, text: string | undefined): string {
  const { [member as 'paid']: _, ...rest } = JSON.parse(good()) as Record<string, unknown>;
  const line = JSON.stringify(rest).slice(0, -1);
  return text === undefined ? `${line}}` : `${line},"${member}":${text}}`;
}

test('a line that says nonsense is refused by itself; its neighbours count', { timeout: 60_000 }, async () => {
  const table: [string, string, string, string?][] = [
    ['beyond any number', withMember('paid', '1e400'), 'wrong_type', 'paid'],
    ['below any number', withMember('paid', '-1e400'), 'wrong_type', 'paid'],
    ['2^53 + 1', withMember('paid', '9007199254740993'), 'too_large', 'paid'],
    ['2^64', withMember('quantity', '18446744073709551616'), 'too_large', 'quantity'],
    ['a half', withMember('paid', '1.5'), 'wrong_type', 'paid'],
    ['less than nothing', withMember('paid', '-1'), 'too_small', 'paid'],
    ['a hair above', withMember('paid', '2000.0000000001'), 'wrong_type', 'paid'],
    ['4.440892e-16', withMember('paid', '4.440892e-16'), 'wrong_type', 'paid'],
    ['a number as text', withMember('paid', '"2000"'), 'wrong_type', 'paid'],
    ['true', withMember('paid', 'true'), 'wrong_type', 'paid'],
    ['null', withMember('paid', 'null'), 'wrong_type', 'paid'],
    ['a list', withMember('paid', '[2000]'), 'wrong_type', 'paid'],
    ['an object that would be a number', withMember('paid', '{"valueOf":2000,"toString":2000}'), 'wrong_type', 'paid'],
    ['nothing bought', withMember('quantity', '0'), 'too_small', 'quantity'],
    ['left out', withMember('paid', undefined), 'missing_member', 'paid'],
    ['__proto__', withMember('__proto__', '{"paid":1}'), 'unknown_member', '__proto__'],
    ['constructor', withMember('constructor', '{"prototype":{"paid":1}}'), 'unknown_member', 'constructor'],
    ['toString', withMember('toString', '1'), 'unknown_member', 'toString'],
    ['an unknown member', withMember('paId', '1'), 'unknown_member', 'paId'],
    ['an empty name', withMember('', '1'), 'unknown_member', ''],
    ['half a surrogate pair', withMember('order', '"\\ud800"'), 'bad_format', 'order'],
    ['the other half', withMember('buyer', '"x\\udfff"'), 'bad_format', 'buyer'],
    ['NUL', withMember('order', '"A\\u0000B"'), 'bad_format', 'order'],
    ['a line separator', withMember('item', '"\\u2028"'), 'bad_format', 'item'],
    ['a mark that turns the text around', withMember('item', '"\\u202e"'), 'bad_format', 'item'],
    ['no letter', withMember('line', '""'), 'bad_format', 'line'],
    ['129 letters', withMember('line', `"${'x'.repeat(129)}"`), 'bad_format', 'line'],
    ['a million letters', withMember('order', `"${'x'.repeat(1_000_000)}"`), 'bad_format', 'order'],
    ['100,000 levels in a member', withMember('order', deep(100_000)), 'wrong_type', 'order'],
    ['100,000 levels in an unknown member', withMember('more', deep(100_000)), 'unknown_member', 'more'],
    ['100,000 levels in place of an event', deep(100_000), 'wrong_type'],
    ['50,000 members', `{${Array.from({ length: 50_000 }, (_, i) => `"m${i}":0`)}}`, 'missing_member', 'type'],
    ['an array', '[]', 'wrong_type'],
    ['an array of events', `[${good()}]`, 'wrong_type'],
    ['null in place of an event', 'null', 'wrong_type'],
    ['text in place of an event', '"order.completed"', 'wrong_type'],
    ['no such day', withMember('placedAt', '"2026-02-29T00:00:00Z"'), 'bad_format', 'placedAt'],
    ['no such hour', withMember('placedAt', '"2026-02-28T24:00:00Z"'), 'bad_format', 'placedAt'],
    ['a leap second', withMember('placedAt', '"2026-06-30T23:59:60Z"'), 'bad_format', 'placedAt'],
    ['a time without zone', withMember('placedAt', '"2026-11-10T23:59:58"'), 'bad_format', 'placedAt'],
    ['the year 9999', withMember('placedAt', '"9999-11-10T23:59:58Z"'), 'bad_format', 'placedAt'],
    [
      'completed before it was placed',
      withMember('completedAt', '"2026-11-01T00:00:00Z"'),
      'completed_before_placed',
      'completedAt',
    ],
    ['an unknown source', withMember('source', '"shop-9"'), 'source_unknown', 'source'],
    ['a source named __proto__', withMember('source', '"__proto__"'), 'source_unknown', 'source'],
    ['an unknown type', withMember('type', '"order.cancelled"'), 'unknown_value', 'type'],
    ['a type named constructor', withMember('type', '"constructor"'), 'unknown_value', 'type'],
    ['a pledge of another name', withMember('pledge', '"p-1@99999999999999999999"'), 'pledge_unknown', 'pledge'],
    ['a pledge of an empty version', withMember('pledge', '"p-1@"'), 'pledge_unknown', 'pledge'],
  ];
  const expected: unknown[] = [];
  const lines: string[] = [];
  for (const [name, line, code, field] of table) {
    lines.push(good(), line);
    expected.push([name, 'created'], [name, 'refused', code, field]);
  }
  lines.push(good());
  expected.push(['the last', 'created']);
  const { status, results, error } = await post(lines.join('\n'), ndjson);
  assert.equal(status, 200, JSON.stringify(error));
  const seen = results.map((result, i) => {
    const name = table[Math.floor(i / 2)]?.[0] ?? 'the last';
    return result.outcome === 'refused'
      ? [name, 'refused', result.error.code, result.error.field]
      : [name, result.outcome];
  });
  assert.deepEqual(seen, expected);
  // The same as a list, and one line a request, says the same.
  const listed = await post(`[${lines.join(',')}]`, json);
  assert.deepEqual(
    listed.results.map(({ outcome }) => outcome),
    results.map(({ outcome }) => (outcome === 'created' ? 'duplicate' : outcome)),
  );
});

test('what looks odd and means a number is that number', async () => {
  const table: [string, string, string][] = [
    ['no sign of nothing', withMember('paid', '-0'), 'ignored rounds_to_zero'],
    ['an exponent', withMember('paid', '2e3'), 'created 20'],
    ['a point without a rest', withMember('paid', '2000.0'), 'created 20'],
    ['50 digits behind the point', withMember('paid', `2000.${'0'.repeat(50)}`), 'created 20'],
    ['said twice: the last holds', withMember('paid', '1,"paid":2000'), 'created 20'],
    ['the largest', withMember('paid', '100000000000'), 'created 1000000000'],
  ];
  for (const [name, line, expected] of table) {
    const { results } = await post(line, ndjson);
    const [result] = results;
    const said =
      result === undefined
        ? 'nothing'
        : 'givenMinor' in result
          ? result.givenMinor
          : 'reason' in result
            ? result.reason
            : '';
    assert.equal(`${result?.outcome} ${said}`, expected, name);
  }
});

test('senders who leave in the middle are forgotten', { timeout: 30_000 }, async () => {
  const before = await recorded();
  const { hostname, port } = new URL(server.url);
  const head = `POST /v1/giving/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.operatorKey}\r\ncontent-type: ${ndjson}\r\n`;
  const starts = [
    `${head}content-length: 100000\r\n\r\n${good()}\n`,
    `${head}transfer-encoding: chunked\r\n\r\n10\r\n{"type":"order.c`,
    `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    `${head}content-encoding: gzip\r\ncontent-length: 1000\r\n\r\n\x1f\x8b\x08`,
    `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n`,
    head,
  ];
  await Promise.all(
    starts.map(
      (start) =>
        new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => socket.write(start, 'latin1'));
          socket.on('error', () => {});
          socket.on('close', () => resolve());
          socket.resume();
          setTimeout(() => socket.destroy(), 150);
        }),
    ),
  );
  assert.equal(await recorded(), before);
  assert.equal((await post(good(), ndjson)).results[0]?.outcome, 'created');
});

test('after all that the books are as they should be', async () => {
  await auditDatabase(server.database);
});
