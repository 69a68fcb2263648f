/** What must hold when the world is well again: every answer still true, every gift counted once, one history, no promise broken, every audit passed. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogMemory, OrderEventInput, RivuletClient } from '@rivulet/client';
import { runVerify } from '../support/verify.ts';
import { type Completed, cap, keyOf, type Load, type Returned } from './load.ts';

export interface Figures {
  readonly events: number;
  /** Events whose every answer was lost, and how many of those had been recorded all the same. */
  readonly unanswered: number;
  readonly recordedUnanswered: number;
  readonly gifts: number;
  readonly givenMinor: number;
  readonly returnedMinor: number;
  readonly checkpoints: number;
  readonly promises: number;
}

export interface Evidence {
  readonly load: Load;
  readonly url: string;
  /** Patient. */
  readonly client: RivuletClient;
  /** Every checkpoint that anybody saw. */
  readonly checkpoints: ReadonlySet<string>;
  /** Where the promises of all clients are. */
  readonly memory: LogMemory;
}

/** Asks the running server. The audits of its database are the caller's. */
export async function expectNothingLost({ load, url, client, checkpoints, memory }: Evidence): Promise<Figures> {
  const unanswered = load.unanswered();
  const recordedUnanswered = await sendAgain(load, client, unanswered);
  // By now everything was answered, so nothing may be new.
  const all = [...load.sent.values()];
  for await (const { events, answer } of client.sendAllOrders(all)) {
    for (const [i, event] of events.entries()) {
      assert.notEqual(answer.results[i]?.outcome, 'created', keyOf(event));
      load.note(event, answer.results[i]);
    }
  }
  await caughtUp(client);
  const sums = expectSums(load);
  await expectTotals(client, sums);
  const promises = await expectKept(client, memory, url);
  await expectOneHistory(url, checkpoints);
  const figures = { events: all.length, unanswered: unanswered.length, recordedUnanswered };
  const { gifts, given: givenMinor, returned: returnedMinor } = sums;
  return { ...figures, gifts, givenMinor, returnedMinor, checkpoints: checkpoints.size, promises };
}

/** @returns how many were recorded before, although nobody had been told */
async function sendAgain(load: Load, client: RivuletClient, events: OrderEventInput[]): Promise<number> {
  let recorded = 0;
  for await (const { events: sent, answer } of client.sendAllOrders(events)) {
    for (const [i, event] of sent.entries()) {
      load.note(event, answer.results[i]);
      if (answer.results[i]?.outcome === 'duplicate') recorded += 1;
    }
  }
  return recorded;
}

/** Resolves when everything is published. */
export async function caughtUp(client: RivuletClient, patienceMs = 20_000): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await sleep(50)) {
    const { status, books } = await client.health();
    if (status === 'ok' && books.every(({ behind }) => behind === 0)) return;
    if (Date.now() > end) throw new Error(`the log did not catch up: ${JSON.stringify(books)}`);
  }
}

interface Sums {
  gifts: number;
  given: number;
  returned: number;
  readonly parts: Map<string, number>;
}

/** Adds up what was answered, and works each gift and what it keeps out again from the events alone. */
function expectSums(load: Load): Sums {
  const sums: Sums = { gifts: 0, given: 0, returned: 0, parts: new Map() };
  const indices = new Set<number>();
  const back = returnsByOrder(load);
  let capped = 0;
  for (const { event, result } of load.answers.values()) {
    if (event.type !== 'order.completed' || !('givenMinor' in result)) continue;
    assert.ok(!indices.has(result.index), `two events have gift ${result.gift}`);
    indices.add(result.index);
    const given = Number(result.givenMinor);
    expectAmount(event, given);
    if (event.item === 'sku-2') capped += given;
    sums.gifts += 1;
    sums.given += given;
    for (const { recipient, amountMinor } of result.parts)
      sums.parts.set(recipient, (sums.parts.get(recipient) ?? 0) + Number(amountMinor));
    const returns = back.get(`${event.order} ${event.line}`) ?? { paid: 0, returned: 0 };
    const kept = Math.floor((given * (event.paid - returns.paid) + Math.floor(event.paid / 2)) / event.paid);
    assert.equal(given - returns.returned, kept, keyOf(event));
    sums.returned += returns.returned;
  }
  assert.ok(capped <= cap, `${capped} was given under a cap of ${cap}`);
  return sums;
}

function returnsByOrder(load: Load): Map<string, { paid: number; returned: number }> {
  const back = new Map<string, { paid: number; returned: number }>();
  for (const { event, result } of load.answers.values()) {
    if (event.type !== 'order.returned' || !('returnedMinor' in result)) continue;
    const { order, line, paid } = event as Returned;
    const sum = back.get(`${order} ${line}`) ?? { paid: 0, returned: 0 };
    const returned = sum.returned + Number(result.returnedMinor);
    back.set(`${order} ${line}`, { paid: sum.paid + paid, returned });
  }
  return back;
}

function expectAmount({ item, paid, quantity, order }: Completed, given: number): void {
  if (item === 'sku-1') assert.equal(given, Math.floor((paid * 100 + 5000) / 10_000), order);
  // The last gift under a cap is cut.
  else assert.ok(item === 'sku-2' && given > 0 && given <= Math.min(paid, 7 * quantity), `${order}: ${given}`);
}

async function expectTotals(client: RivuletClient, { gifts, given, returned, parts }: Sums): Promise<void> {
  const { assets } = await client.totals();
  assert.deepEqual(assets.CNY, { givenMinor: `${given}`, returnedMinor: `${returned}`, gifts: `${gifts}` });
  const { recipients } = await client.recipientTotals();
  const told = recipients.map(({ recipient, assets: of }) => [recipient, Number(of.CNY?.givenMinor ?? 0)]);
  assert.deepEqual(new Map(told as [string, number][]), new Map([...parts].sort()));
}

/** All by the SDK; a few by the stranger's command as well. */
async function expectKept(client: RivuletClient, memory: LogMemory, url: string): Promise<number> {
  const promises = await memory.promises('main');
  const folder = await mkdtemp(join(tmpdir(), 'rivulet-promise-'));
  const every = Math.max(1, Math.floor(promises.length / 3));
  for (let i = 0; i < promises.length; i += every) {
    await writeFile(join(folder, `${i}`), promises[i]?.note ?? '');
    assert.equal((await runVerify('promise', join(folder, `${i}`), url)).state, 'kept');
  }
  await rm(folder, { recursive: true });
  for (const { verdict, promise } of await client.checkPromises()) assert.equal(verdict, 'kept', promise);
  return promises.length;
}

/** `rivulet-verify audit` over the whole log, with every checkpoint that anybody ever saw. */
async function expectOneHistory(url: string, checkpoints: ReadonlySet<string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rivulet-seen-'));
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const note of checkpoints) {
    const file = join(folder, `${files.length}`);
    await writeFile(file, note);
    files.push(file);
  }
  const answer = await runVerify('audit', `${url}/log`, ...(files.length > 0 ? ['--seen', ...files] : []));
  assert.equal(answer.ok, true);
  assert.equal((answer.seen as string[]).length, files.length);
  await rm(folder, { recursive: true });
}
