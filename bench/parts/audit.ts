/** How fast a stranger checks: the whole log, one proof, a long trace; and how fast the server makes proofs. */
import { join } from 'node:path';
import { parseVerifierKeys, Reversals, type VerifierKey, verifyGiftProof } from '@rivulet/verifier';
import { type Latency, latencyOf, type Spread, spreadOf } from '../figures/spread.ts';
import { drive } from '../load/closed-loop.ts';
import { getRequest } from '../load/connection.ts';
import { Orders } from '../load/orders.ts';
import { type Chance, seeded } from '../load/skew.ts';
import { AuditFailed, runNode } from '../stand/audits.ts';
import type { Stand } from '../stand/stand.ts';
import { ms, openMarket, type Part, type PartContext, sendBodies, whole } from './part.ts';

export interface AuditFigures {
  readonly entries: number;
  /** `rivulet-verify audit`, entries a second, by its own clock. */
  readonly folder: Spread;
  readonly http: Spread;
  readonly proofs: {
    readonly checked: number;
    /** One proof, checked here. */
    readonly check: Latency;
    readonly bytes: number;
    /** Made by the server and sent, in a closed loop. */
    readonly madePerSecond: Spread;
    readonly request: Latency;
  };
  /** One standing unit behind n sales that were returned: its way is n steps. */
  readonly trace: readonly { readonly pairs: number; readonly ms: number }[];
}

const proofsChecked = 300;
const concurrency = 32;

export const audit: Part<AuditFigures> = {
  async run(context) {
    const { options, stand, say } = context;
    const { market } = await openMarket(context);
    const chance = seeded(options.seed);
    say(`making a log of ${whole(options.events)} events`);
    const bodies = new Orders(market, chance).bodies(options.events, options.rows);
    const phase = await sendBodies(context, bodies, options.concurrency, 3_600);
    const audited = await stand.audit();
    const [folder, http, made]: [number[], number[], number[]] = [[], [], []];
    const gifts = sampleOf(phase.promised.at(-1)?.size ?? 0, chance);
    const ids = await existing(stand, gifts);
    let entries = 0;
    let request: Latency | null = null;
    for (let run = 1; run <= options.runs; run += 1) {
      say(`run ${run} of ${options.runs}: audit of the folder, over HTTP, proofs`);
      const one = await verify(stand, stand.log);
      entries = one.entries;
      folder.push(one.entriesPerSecond);
      http.push((await verify(stand, `${stand.url}/log`)).entriesPerSecond);
      const proofs = await makeProofs(context, ids);
      made.push(proofs.perSecond);
      request = proofs.request;
    }
    const checked = await checkProofs(stand, ids);
    const proofs = { ...checked, madePerSecond: spreadOf(made), request: request as Latency };
    const figures = { entries, folder: spreadOf(folder), http: spreadOf(http), proofs, trace: traces() };
    return { figures, audited };
  },
  lines,
};

/** Entries of the log that may be gifts. */
function sampleOf(size: number, chance: Chance): number[] {
  return Array.from({ length: proofsChecked * 2 }, () => Math.floor(chance() * size));
}

/** Not every entry is a gift: those that have a proof. */
async function existing(stand: Stand, indices: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const index of indices) {
    const response = await fetch(`${stand.url}/v1/giving/gifts/main-${index}/proof`);
    await response.arrayBuffer();
    if (response.ok) ids.push(`main-${index}`);
    if (ids.length === proofsChecked) break;
  }
  return ids;
}

async function verify(stand: Stand, log: string): Promise<{ entries: number; entriesPerSecond: number }> {
  const command = join(import.meta.dirname, '../../verifier/bin/rivulet-verify.js');
  const keys = await (await fetch(`${stand.url}/log/vkeys`)).text();
  const named = keys
    .split('\n')
    .filter((key) => key !== '')
    .flatMap((key) => ['--key', key]);
  const { stdout } = await runNode([command, 'audit', log, ...named, '--json'], stand.environment);
  const { checkpoint, seconds } = JSON.parse(stdout) as { checkpoint: { size: number }; seconds: number };
  return { entries: checkpoint.size, entriesPerSecond: checkpoint.size / seconds };
}

async function makeProofs(
  { options, stand }: PartContext,
  ids: readonly string[],
): Promise<{ perSecond: number; request: Latency }> {
  const { target } = stand;
  const seconds = Math.min(3, options.seconds);
  const requests = Array.from({ length: seconds * 20_000 }, (_, i) =>
    getRequest(target.url, `/v1/giving/gifts/${ids[i % ids.length]}/proof`),
  );
  const until = performance.now() + seconds * 1_000;
  const { answers, seconds: took } = await drive(target, requests, concurrency, until, { keepBodies: false });
  const times = answers.flatMap((answer) => (answer === null ? [] : [answer.ms]));
  return { perSecond: times.length / took, request: latencyOf(times) };
}

async function checkProofs(stand: Stand, ids: readonly string[]) {
  const keys: VerifierKey[] = parseVerifierKeys(await (await fetch(`${stand.url}/log/vkeys`)).text());
  const times: number[] = [];
  let bytes = 0;
  for (const id of ids) {
    const proof = await stand.client.proof(id);
    bytes += proof.length;
    const start = performance.now();
    const { ok } = verifyGiftProof(proof, keys);
    times.push(performance.now() - start);
    if (!ok) throw new AuditFailed(`the proof of ${id} does not hold`);
  }
  return { checked: ids.length, check: latencyOf(times), bytes: Math.round(bytes / ids.length) };
}

/** Each sale comes in behind the standing unit and goes back at the place where that unit would have left. */
function traces(): { pairs: number; ms: number }[] {
  return [1_000, 10_000, 100_000].map((pairs) => {
    const reversals = Array.from({ length: pairs }, (_, i) => ({ fromPos: i, minor: 1, unit: i + 1 }));
    const table = new Reversals(reversals);
    const start = performance.now();
    const { position, hops } = table.follow(0);
    const took = performance.now() - start;
    if (position !== pairs || hops !== pairs) throw new AuditFailed(`a trace of ${pairs} pairs ends at ${position}`);
    return { pairs, ms: took };
  });
}

function lines({ entries, folder, http, proofs, trace }: AuditFigures): string[] {
  const say = ({ median, min, max }: Spread) => `${whole(median)} entries/s (${whole(min)} to ${whole(max)})`;
  const { check, madePerSecond, request } = proofs;
  return [
    `audit       ${whole(entries)} entries: from a folder ${say(folder)}, over HTTP ${say(http)}`,
    `proof       checked in ${ms(check.p50Ms)} ms (p99 ${ms(check.p99Ms)} ms), ${whole(proofs.bytes)} bytes, ${proofs.checked} of them`,
    `            made by the server: ${whole(madePerSecond.median)}/s (${whole(madePerSecond.min)} to ${whole(madePerSecond.max)}), p99 ${ms(request.p99Ms)} ms`,
    `trace       one unit behind n sales returned: ${trace.map(({ pairs, ms: took }) => `n ${whole(pairs)} in ${ms(took)} ms`).join(', ')}`,
  ];
}
