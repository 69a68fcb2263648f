/** For tests of intake: events as shops send them, answers short enough for tables, and the audit that every test ends with. */
import assert from 'node:assert/strict';
import type { OrderResult, OrdersAnswer } from '@rivulet/client/contract';
import { auditLedger } from '#books/ledger';
import { auditGiving } from '../../audit.ts';
import { recordOrders } from '../record-orders.ts';
import type { Market } from './small-market.ts';

const shop = { source: 'shop-1', language: 'en' as const };
let orders = 0;

export function completed(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'order.completed',
    source: 'shop-1',
    order: `A${++orders}`,
    line: '1',
    merchant: 'm-7',
    item: 'sku-9',
    buyer: 'u-33',
    quantity: 1,
    paid: 1990,
    shipping: 0,
    tax: 0,
    discount: 0,
    platformDiscount: 0,
    currency: 'CNY',
    placedAt: '2026-11-10T23:59:58Z',
    completedAt: '2026-11-18T08:00:01.234Z',
    ...changes,
  };
}

export function returned(order: unknown, paid: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'order.returned',
    source: 'shop-1',
    return: `R${++orders}`,
    order,
    line: '1',
    merchant: 'm-7',
    paid,
    returnedAt: '2026-11-20T08:00:00Z',
    ...changes,
  };
}

export async function send(market: Market, ...events: unknown[]): Promise<OrderResult[]> {
  const answer: OrdersAnswer = JSON.parse(Buffer.from(await recordOrders(market.context, events, shop)).toString());
  return answer.results;
}

/** Outcome and what matters of it, short enough for tables. */
export function brief(result: OrderResult | undefined): string {
  if (result === undefined) return 'nothing';
  if (result.outcome === 'refused') return `refused ${result.error.code} ${result.error.field ?? ''}`.trim();
  if (result.outcome === 'ignored') return `ignored ${result.reason}`;
  if ('waiting' in result) return `${result.outcome} waiting`;
  if ('givenMinor' in result) return `${result.outcome} ${result.givenMinor}`;
  return `${result.outcome} -${result.returnedMinor} keeps ${result.keptMinor}`;
}

export async function auditWell(market: Market): Promise<void> {
  assert.deepEqual(market.bugs, []);
  const client = await market.database.pool.connect();
  try {
    for (const finding of [...(await auditLedger(client, 1)), ...(await auditGiving(client, 1))])
      assert.ok(finding.ok, `${finding.check}: ${finding.detail}`);
  } finally {
    client.release();
  }
}
