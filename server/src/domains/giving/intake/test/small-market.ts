/** For tests: a book with a marketplace in it, without the registry's use cases: pledges are given as terms. */

import { after } from 'node:test';
import { canonical, type Rule } from '@rivulet/verifier';
import pg from 'pg';
import { KeyedHash } from '#base/bytes/keyed-hash';
import { Ledger } from '#books/ledger';
import { type Batch, ensureBook, Writer } from '#books/log';
import { freshDatabase, type TestDatabase } from '../../../../../../test/support/postgres.ts';
import type { GivingBook, GivingContext } from '../../book.ts';
import { Catalogue, Registry, type Terms } from '../../registry/index.ts';
import { GiftCodes } from '../answer/gift-code.ts';
import { Intake } from '../intake.ts';

export const testKey = '0123456789abcdef'.repeat(4);

export interface PledgeGiven {
  pledge: string;
  item: string;
  rule: Rule;
  weights?: number[];
  cap?: number;
  base?: Terms['base'];
  startsMs?: number;
  endsMs?: number;
}

export interface Market {
  database: TestDatabase;
  context: GivingContext;
  held: GivingBook;
  writer: Writer;
  intake: Intake;
  ledger: Ledger;
  catalogue: Catalogue;
  /** What the writer called a bug. */
  bugs: unknown[];
  pledge(given: PledgeGiven): Promise<Terms>;
}

/** Source `shop-1` in Shanghai, merchant `m-7`, recipients r1 … r3; pledges start in 2026 unless said otherwise. */
export async function openMarket(): Promise<Market> {
  const database = await freshDatabase();
  const row = { bookId: 1, book: 'main', origin: 'example.org/log', purpose: 'live' as const };
  const { pool } = database;
  const client = await pool.connect();
  await ensureBook(client, row);
  client.release();
  await pool.query(
    `insert into giving.source values ('shop-1', 1, '{"en":"Shop"}', 'Asia/Shanghai', '{CNY}', '{shipping,tax}', 0)`,
  );
  await pool.query(
    `insert into giving.merchant values ('shop-1', 'm-7', 1, 'mmmmmmmmmmmmmmmm', '{"en":"Tea house"}', true, '{}', 0)`,
  );
  for (const i of [1, 2, 3]) {
    const said = { type: 'project', name: { en: `Project ${i}` }, charity: { en: 'A charity' } };
    await pool.query(`insert into giving.recipient values ($1, $2, 'project', $3, $4, '{CNY}')`, [
      `r${i}`,
      recipientId(i),
      said.name,
      said.charity,
    ]);
    await pool.query(`insert into giving.recipient_entry values (1, $1, $2, 0)`, [`r${i}`, said]);
  }
  const connect = async () => {
    const own = new pg.Client(database.app);
    await own.connect();
    return own;
  };
  const bugs: unknown[] = [];
  const writer = new Writer(row, { connect, onBug: (error) => bugs.push(error) });
  const ledger = new Ledger(1);
  const catalogue = new Catalogue();
  catalogue.putSource({ source: 'shop-1', bookId: 1, zone: 'Asia/Shanghai', currencies: ['CNY'] });
  const intake = new Intake(pool, row, ledger, catalogue, new KeyedHash(testKey), new GiftCodes(testKey));
  writer.register(ledger);
  writer.register(intake);
  writer.start();
  after(() => writer.stop());
  while (writer.state !== 'leading') await new Promise((resolve) => setTimeout(resolve, 5));
  const log = {
    published: () => null,
    prove: () => Promise.reject(new Error('nothing is published')),
    vkeys: () => '',
    sign: (body: string) => body,
  };
  const registry = new Registry(row, ledger, catalogue);
  const held: GivingBook = { book: row, writer, ledger, registry, intake, log };
  const context = { pool, books: [held] };
  const market = { database, context, held, writer, intake, ledger, catalogue, bugs };
  return { ...market, pledge: (given) => putPledge(market, given) };
}

export function recipientId(i: number): string {
  return `${i}`.repeat(16);
}

async function putPledge(market: Omit<Market, 'pledge'>, given: PledgeGiven): Promise<Terms> {
  const { ledger, writer, catalogue, context } = market;
  const { pledge, item, rule, weights = [1], cap, base = ['shipping', 'tax'] } = given;
  const publicId = pledge.replace(/[^0-9a-z]/g, '').padEnd(16, '0');
  const startsMs = given.startsMs ?? Date.parse('2026-01-01T00:00:00Z');
  const entry = {
    kind: 'giving.terms',
    asset: 'CNY',
    merchant: 'mmmmmmmmmmmmmmmm',
    rule,
    ...(cap === undefined ? {} : { cap }),
  };
  const { result } = await writer.submit({
    family: ledger,
    size: 1,
    build(batch: Batch) {
      const posting = ledger.posting(batch);
      posting.asset('CNY', 2);
      const fromAccount = posting.account('CNY', 'giving/merchant/mmmmmmmmmmmmmmmm', true);
      const recipients = weights.map((weight, i) => ({
        publicId: recipientId(i + 1),
        account: posting.account('CNY', `giving/promised/mmmmmmmmmmmmmmmm/${recipientId(i + 1)}`),
        weight,
      }));
      return { index: batch.append(canonical(entry)), fromAccount, recipients };
    },
  });
  const known = catalogue.pledge('shop-1', pledge);
  const running = known?.running ?? { gross: 0 };
  const version = (known?.versions.length ?? 0) + 1;
  if (known === undefined) {
    await context.pool.query(`insert into giving.pledge values ('shop-1', $1, 1, 'm-7', $2)`, [pledge, publicId]);
    catalogue.putPledge({ source: 'shop-1', pledge, publicId, merchant: 'm-7', running, versions: [] });
  }
  await context.pool.query(
    `insert into giving.terms values (1, $1, 'shop-1', $2, $3, '{}', $4, to_timestamp($5), null)`,
    [result.index, pledge, version, entry, startsMs / 1000],
  );
  const terms: Terms = {
    ...result,
    bookId: 1,
    source: 'shop-1',
    pledge,
    version,
    publicId,
    merchant: 'm-7',
    merchantPublicId: 'mmmmmmmmmmmmmmmm',
    asset: 'CNY',
    base,
    rule,
    startsMs,
    endsMs: given.endsMs ?? null,
    ended: false,
    cap: cap ?? null,
    imported: false,
    running: { given: 0 },
    pledgeRunning: running,
  };
  catalogue.putTerms(terms);
  catalogue.putItem('shop-1', 'm-7', item, startsMs, pledge);
  return terms;
}
